"""What became of each check as JUnit XML: a suite for each image, a case for each platform and check.

A finding fails its case where it stood in the way; what was tolerated or weighs less passes and is told as its output.
XML 1.0 has no way to write most control characters, so everything in it is made printable first.
"""

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from rebaser.printable import printable
from rebaser.report.model import CheckEntry, FindingEntry, ImageReport, PlatformReport, Report

MAX_TEXT = 2_000  # characters of one message
MAX_TOLD = 50  # findings of a case that are told one by one
_WEIGHTS = {"blocker": 0, "warning": 1, "note": 2}
_NONCHARACTERS = str.maketrans({"\ufffe": r"\ufffe", "\uffff": r"\uffff"})


def junit(report: Report) -> str:
    """Return the document, with its declaration, in characters that are UTF-8."""
    suites = [_suite(image) for image in report.images]
    root = ET.Element("testsuites", {"name": _shown(report.tool.name), **_counts(suites)})
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(image: ImageReport) -> ET.Element:
    cases = [case for platform in image.platforms for case in _cases(platform, image)]
    cases.append(_verdict(image))
    suite = ET.Element("testsuite", {"name": _shown(image.original), **_tally(cases)})
    suite.set("time", f"{sum(image.traffic.seconds.values()):.3f}")
    suite.extend(cases)
    return suite


def _verdict(image: ImageReport) -> ET.Element:
    """Return the case of the image as a whole, so that a run that came to no check is told too."""
    case = ET.Element("testcase", name="rebase", classname=_shown(image.original))
    if image.error:
        problem = _child(case, "error", image.error.message, image.error.code)
        problem.text = _shown(f"{image.error.message} → {image.error.remedy}")
    elif image.result == "refused":
        because = image.decision.because if image.decision else ""
        _child(case, "failure", because, "refused").text = _shown(because)
    elif image.result == "skipped":
        _child(case, "skipped", image.decision.because if image.decision else "")
    return case


def _cases(platform: PlatformReport, image: ImageReport) -> Iterator[ET.Element]:
    classname = f"{_shown(image.original)} {_shown(platform.platform)}"
    findings: dict[str, list[FindingEntry]] = {}
    for finding in platform.findings:
        findings.setdefault(finding.check, []).append(finding)
    for check in platform.checks:
        yield _case(check, classname, findings.get(check.check, []))


def _case(check: CheckEntry, classname: str, mine: Sequence[FindingEntry]) -> ET.Element:
    case = ET.Element("testcase", name=_shown(check.check), classname=classname)
    blocking = sorted((finding for finding in mine if finding.blocks), key=lambda found: _WEIGHTS[found.severity])
    if check.status == "crashed":
        _child(case, "error", check.reason, "crashed").text = _shown(check.reason)
    elif check.status == "skipped":
        _child(case, "skipped", check.reason)
    elif blocking:
        _child(case, "failure", blocking[0].message, blocking[0].severity).text = _told(blocking)
    if others := [finding for finding in mine if not finding.blocks]:
        ET.SubElement(case, "system-out").text = _told(others)
    return case


def _child(case: ET.Element, tag: str, message: str, kind: str = "") -> ET.Element:
    child = ET.SubElement(case, tag, message=_shown(message))
    if kind:
        child.set("type", _shown(kind))
    return child


def _told(findings: Sequence[FindingEntry]) -> str:
    lines = [line for finding in findings[:MAX_TOLD] for line in _lines(finding)]
    more = len(findings) - MAX_TOLD
    return "\n".join([*lines, f"{more} more are in report.json"] if more > 0 else lines)


def _lines(finding: FindingEntry) -> Iterator[str]:
    tolerated = "" if finding.tolerated is None else f" (tolerated: {_shown(finding.tolerated)})"
    yield f"{finding.severity}: {_shown(finding.message)}{tolerated}"
    yield f"  → {_shown(finding.remedy)}"


def _tally(cases: Sequence[ET.Element]) -> dict[str, str]:
    numbers = {tag: sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")}
    return {
        "tests": str(len(cases)),
        "failures": str(numbers["failure"]),
        "errors": str(numbers["error"]),
        "skipped": str(numbers["skipped"]),
    }


def _counts(suites: Sequence[ET.Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors", "skipped")
    return {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in names}


def _shown(text: str) -> str:
    return printable(text, MAX_TEXT).translate(_NONCHARACTERS)
