"""The findings as GitLab's code quality report: a list, whose entries a merge request compares by fingerprint."""

from rebaser.oci.strict_json import JsonObject
from rebaser.printable import printable
from rebaser.report.found import FILE, Found, found_in
from rebaser.report.model import Report

MAX_ENTRIES = 5_000  # GitLab parses the report whole, and shows far fewer
MAX_TEXT = 1_000  # characters of a description
_SEVERITIES = {"blocker": "blocker", "warning": "major", "note": "info"}


def code_quality(report: Report) -> list[JsonObject]:
    """Return an entry for each finding that was not tolerated, worst first, at most `MAX_ENTRIES`."""
    found = [one for one in found_in(report) if one.finding.tolerated is None]
    return [_entry(one) for one in found[:MAX_ENTRIES]]


def _entry(one: Found) -> JsonObject:
    finding = one.finding
    where = f"{printable(one.image, 200)} {printable(one.platform, 60)}"
    return {
        "description": f"{where}: {printable(finding.message, MAX_TEXT)}",
        "check_name": finding.check,
        "fingerprint": one.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": FILE, "lines": {"begin": 1}},
    }
