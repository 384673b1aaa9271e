"""The findings as SARIF 2.1.0, for GitHub's code scanning and whatever else reads it.

The form is OASIS' (docs.oasis-open.org/sarif/sarif/v2.1.0), the limits are GitHub's. Every result lies in one file, as
GitHub wants a path, and has no line: an image has none, and GitHub's upload would replace or doubt the fingerprints of
results that have one. Pages of documentation are named by their path, since a helpUri must be absolute.
"""

import json
from collections.abc import Iterator, Sequence

from rebaser.checks.base import Check, LayerCheck, TrialCheck
from rebaser.checks.identifiers import ALL_CHECKS, check_ids
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.printable import printable
from rebaser.report.found import FILE, Found, found_in, without_digest
from rebaser.report.model import ImageReport, Report

MAX_RESULTS = 5_000  # GitHub stores no more of one run, and refuses a file with 25,000
MAX_TEXT = 1_000  # characters of a message; GitHub shows 1,024
MAX_VALUE = 1_000  # characters of a value as JSON; with that the file is far below the 10 MB, packed, that it may have
_MESSAGE = 700  # characters of a message that are left to what was found; the rest is for the remedy
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_POSITIONS = {check: position for position, check in enumerate(check_ids())}
_LEVELS = {"blocker": "error", "warning": "warning", "note": "note"}


def sarif(report: Report) -> JsonObject:
    """Return the log: one run with all checks as its rules, and a result for each finding, at most `MAX_RESULTS`."""
    found = found_in(report)
    run: JsonObject = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": [_rule(check) for check in ALL_CHECKS],
            }
        },
        "automationDetails": {"id": _category(report.images)},
        "invocations": [_invocation(report, left_out=len(found) - MAX_RESULTS)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one) for one in found[:MAX_RESULTS]],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _category(images: Sequence[ImageReport]) -> str:
    """Return what a later run of the same image replaces: uploads for other images of the repository stay."""
    return f"rebaser/{printable(without_digest(images[0].original))}/" if len(images) == 1 else "rebaser/"


def _rule(check: Check | LayerCheck | TrialCheck) -> JsonObject:
    page = f"docs/checks/{check.id}.md"
    return {
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.title},
        "help": {
            "text": f"What it finds, why that matters, and what to do: {page} in the rebaser's repository.",
            "markdown": f"What it finds, why that matters, and what to do: `{page}` in the rebaser's repository.",
        },
        "properties": {"tags": ["container", "base-image"], "documentation": page},
    }


def _invocation(report: Report, left_out: int) -> JsonObject:
    told = [*_failures(report)]
    successful = not told
    if left_out > 0:
        text = f"{left_out} of {left_out + MAX_RESULTS} findings are left out, the least severe; report.json has all"
        told.append({"level": "note", "message": {"text": text}})
    return {"executionSuccessful": successful, "toolExecutionNotifications": [*told]}


def _failures(report: Report) -> Iterator[JsonObject]:
    for image in report.images:
        if image.error:
            text = _text(f"{image.original}: {image.error.message}", image.error.remedy)
            yield {"level": "error", "message": {"text": text}, "descriptor": {"id": image.error.code}}
        for platform in image.platforms:
            for check in platform.checks:
                if check.status == "crashed":
                    text = _text(f"{image.original}, {platform.platform}: {check.reason}", "")
                    yield {"level": "error", "message": {"text": text}, "associatedRule": {"id": check.check}}


def _result(one: Found) -> JsonObject:
    finding = one.finding
    result: JsonObject = {
        "ruleId": finding.check,
        "level": _LEVELS[finding.severity],
        "message": {"text": _text(finding.message, finding.remedy)},
        "locations": [_location(one)],
        "partialFingerprints": {"primaryLocationLineHash": one.fingerprint, "rebaserFinding/v1": one.fingerprint},
        "properties": {
            "image": one.image,
            "platform": one.platform,
            "subject": _value(finding.subject),
            "before": _value(finding.before),
            "after": _value(finding.after),
            "remedy": _value(finding.remedy),
            "blocks": finding.blocks,
        },
    }
    if finding.check in _POSITIONS:
        result["ruleIndex"] = _POSITIONS[finding.check]
    if finding.tolerated is not None:
        justification = printable(finding.tolerated, MAX_TEXT)
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return result


def _location(one: Found) -> JsonObject:
    place = f"{printable(one.image)} {printable(one.platform)}"
    return {
        "physicalLocation": {"artifactLocation": {"uri": FILE, "uriBaseId": "%SRCROOT%"}},
        "logicalLocations": [{"fullyQualifiedName": place, "kind": "resource"}],
    }


def _text(message: str, remedy: str) -> str:
    """Return a message of SARIF: plain text, in which nothing becomes a link, and braces stand for themselves."""
    told = printable(message, _MESSAGE)
    if remedy:
        told = f"{told} What to do: {printable(remedy, MAX_TEXT)}"
    told = told.replace("](", "] (")
    shown = told if len(told) <= MAX_TEXT else told[: MAX_TEXT - 1] + "…"
    return shown.replace("{", "{{").replace("}", "}}")


def _value(value: Json) -> Json:
    """Return a value as it is, or the beginning of its text."""
    text = value if isinstance(value, str) else json.dumps(value)
    return value if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"
