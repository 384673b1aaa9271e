"""GitLab's code quality report."""

import pytest

from rebaser.report.build import report
from rebaser.report.code_quality import MAX_ENTRIES, code_quality
from rebaser.report.model import ImageReport
from tests.report.reports import FAILED, REBASED, REFUSED, UNCHANGED, finding, image, platform

SEVERITIES = ("info", "minor", "major", "critical", "blocker")


def entries(told: ImageReport) -> list[dict[str, object]]:
    return [dict(entry) for entry in code_quality(report([told]))]


def test_a_finding_is_an_entry_with_what_gitlab_asks_for() -> None:
    (entry,) = entries(REBASED)
    fingerprint = entry.pop("fingerprint")
    assert isinstance(fingerprint, str)
    assert len(fingerprint) == 66
    assert entry == {
        "description": "ghcr.io/acme/shop:1 linux/amd64: Both the application and the new base changed LANG",
        "check_name": "config-conflict",
        "severity": "major",
        "location": {"path": "Dockerfile", "lines": {"begin": 1}},
    }


def test_severities_are_those_of_gitlab_the_worst_first() -> None:
    told = [finding(severity, severity) for severity in ("note", "warning", "blocker")]
    found = [entry["severity"] for entry in entries(image("refused", platforms=[platform(*told)]))]
    assert found == ["blocker", "major", "info"]
    assert set(found) <= set(SEVERITIES)


def test_what_was_tolerated_is_no_defect() -> None:
    assert [entry["severity"] for entry in entries(REFUSED)] == ["blocker"]


@pytest.mark.parametrize("told", [UNCHANGED, FAILED], ids=["unchanged", "failed"])
def test_no_finding_is_an_empty_list(told: ImageReport) -> None:
    assert entries(told) == []


def test_fingerprints_are_unique_and_the_same_in_the_next_run() -> None:
    told = image("refused", platforms=[platform(*[finding("warning", "x")] * 3)])
    found = [entry["fingerprint"] for entry in entries(told)]
    assert len(set(found)) == 3
    assert [entry["fingerprint"] for entry in entries(told)] == found


def test_no_more_entries_than_can_be_looked_at() -> None:
    many = [finding("note", "x")] * MAX_ENTRIES + [finding("blocker", "y")]
    found = entries(image("refused", platforms=[platform(*many)]))
    assert (len(found), found[0]["severity"]) == (MAX_ENTRIES, "blocker")
