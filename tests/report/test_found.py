"""Every finding of a run, and what it is known by from run to run."""

from hypothesis import given
from hypothesis import strategies as st

from rebaser.report.build import report
from rebaser.report.found import found_in, without_digest
from rebaser.report.model import FindingEntry, ImageReport
from tests.report.reports import OLD, finding, image, platform


def a_finding(subject: str, severity: str = "warning", message: str = "x") -> FindingEntry:
    return finding(severity, message).model_copy(update={"subject": subject})


def fingerprints(*findings: FindingEntry, **members: object) -> list[str]:
    return [one.fingerprint for one in found_in(report([image("rebased", platforms=[platform(*findings)], **members)]))]


def test_the_worst_come_first() -> None:
    told = platform(finding("note", "a"), finding("blocker", "b"), finding("warning", "c"))
    blocking = finding("warning", "d").model_copy(update={"blocks": True})
    run = report([image("refused", platforms=[told]), image("refused", platforms=[platform(blocking)])])
    assert [one.finding.message for one in found_in(run)] == ["b", "d", "c", "a"]


def test_a_finding_is_known_again_whatever_digests_and_words_are_in_it() -> None:
    before = fingerprints(a_finding(f"layer {OLD}", "warning", "one"), original=f"r.example/a:1@{OLD}")
    after = fingerprints(a_finding("layer sha256:" + "9" * 64, "blocker", "two"), original="r.example/a:1")
    assert before == after


def test_another_image_platform_check_or_subject_is_another_finding() -> None:
    arm = platform(a_finding("a")).model_copy(update={"platform": "linux/arm64"})
    other_check = a_finding("a").model_copy(update={"check": "inherited-value"})
    images: list[ImageReport] = [
        image("rebased", platforms=[platform(a_finding("a"), a_finding("b"), other_check), arm]),
        image("rebased", original="ghcr.io/acme/shop:2", platforms=[platform(a_finding("a"))]),
    ]
    assert len({one.key for one in found_in(report(images))}) == 5


@given(st.lists(st.text(st.characters(), max_size=3), max_size=8))
def test_no_two_findings_of_a_run_have_one_fingerprint(subjects: list[str]) -> None:
    told = fingerprints(*(a_finding(subject) for subject in subjects))
    assert len(set(told)) == len(subjects)


def test_a_name_keeps_its_tag_and_loses_its_digest() -> None:
    assert without_digest(f"r.example/a:1@{OLD}") == "r.example/a:1"
    assert without_digest("r.example/a:1") == "r.example/a:1"
    assert without_digest("@x") == "@x"
