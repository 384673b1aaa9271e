"""JUnit XML, read back by a parser."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from rebaser.report.build import report
from rebaser.report.junit import junit
from rebaser.report.model import ImageReport
from tests.report.reports import FAILED, REBASED, UNCHANGED, a_check, finding, image, platform

CHILDREN = {"failure", "error", "skipped", "system-out"}


def suites(*images: ImageReport) -> ET.Element:
    return ET.fromstring(junit(report(images)))  # noqa: S314  it is ours


def cases(told: ImageReport) -> dict[str, list[ET.Element]]:
    return {case.attrib["name"]: list(case) for case in suites(told).iter("testcase")}


def checked() -> ImageReport:
    findings = [
        finding("blocker", "It is gone"),
        finding("warning", "Known", "agreed"),
        finding("warning", "Other").model_copy(update={"check": "base-from-label"}),
    ]
    checks = [
        a_check("found"),
        a_check("found", "base-from-label"),
        a_check("passed", "base-unknown"),
        a_check("skipped", "onbuild-changed", "not asked"),
        a_check("crashed", "inherited-value", "KeyError: x"),
    ]
    return image("refused", platforms=[platform(*findings).model_copy(update={"checks": checks})])


def test_what_stands_in_the_way_fails_its_case_with_the_findings() -> None:
    failure, output = cases(checked())["config-conflict"]
    assert (failure.tag, failure.attrib) == ("failure", {"message": "It is gone", "type": "blocker"})
    assert failure.text == "blocker: It is gone\n  → Look at the value."
    assert (output.tag, output.text) == ("system-out", "warning: Known (tolerated: agreed)\n  → Look at the value.")


def test_what_does_not_passes_and_is_told() -> None:
    told = cases(checked())
    assert told["base-unknown"] == []
    assert [(child.tag, child.text) for child in told["base-from-label"]] == [
        ("system-out", "warning: Other\n  → Look at the value.")
    ]


def test_a_skipped_check_says_why_and_a_crashed_one_is_an_error() -> None:
    told = cases(checked())
    assert [(child.tag, child.attrib) for child in told["onbuild-changed"]] == [("skipped", {"message": "not asked"})]
    assert [(child.tag, child.attrib) for child in told["inherited-value"]] == [
        ("error", {"message": "KeyError: x", "type": "crashed"})
    ]


def test_a_suite_is_an_image_and_counts_its_cases() -> None:
    root = suites(checked(), FAILED)
    first, second = root
    assert first.attrib == {
        "name": "ghcr.io/acme/shop:1",
        "tests": "6",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
        "time": "0.100",
    }
    assert (second.attrib["tests"], second.attrib["errors"]) == ("1", "1")
    assert root.attrib == {"name": "rebaser", "tests": "7", "failures": "2", "errors": "2", "skipped": "1"}


def test_an_image_is_a_case_too_since_it_may_come_to_no_check() -> None:
    ((error,),) = cases(FAILED).values()
    assert (error.tag, error.attrib["type"]) == ("error", "access-denied")
    assert error.text == "ghcr.io said no → Set `password`."
    assert cases(REBASED) == cases(UNCHANGED) == {"rebase": []}
    (skipped,) = cases(image("skipped", decision={"outcome": "skip", "because": "too young"}))["rebase"]
    assert (skipped.tag, skipped.attrib) == ("skipped", {"message": "too young"})


@given(st.text(st.characters(), max_size=40))
def test_any_text_at_all_makes_a_document_of_our_own_elements(text: str) -> None:
    found = platform(finding("blocker", text, text), finding("note", text)).model_copy(
        update={"platform": text, "checks": [a_check("found", reason=text), a_check("crashed", reason=text)]}
    )
    root = suites(image("refused", original=text, platforms=[found]))
    assert [case.attrib["name"] for case in root.iter("testcase")] == ["config-conflict"] * 2 + ["rebase"]
    assert {child.tag for case in root.iter("testcase") for child in case} <= CHILDREN


def test_of_many_findings_of_one_check_the_rest_is_counted() -> None:
    many = platform(*[finding("blocker", "x")] * 60).model_copy(update={"checks": [a_check("found")]})
    (failure,) = cases(image("refused", platforms=[many]))["config-conflict"]
    assert (failure.text or "").count("blocker: x") == 50
    assert (failure.text or "").endswith("\n10 more are in report.json")
