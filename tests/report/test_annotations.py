"""What shows beside a job."""

import pytest

from rebaser.report.annotations import MAX_MESSAGE, MAX_SHOWN, annotations
from tests.report.reports import FAILED, FORCED, REBASED, REFUSED, UNCHANGED, WOULD_BE_REBASED, finding, image, platform


def levels(*told: object) -> list[str]:
    return [annotation.level for annotation in annotations(*told)]  # type: ignore[arg-type]


def test_a_finding_gets_a_line_that_is_named_after_its_check() -> None:
    (told,) = annotations(REFUSED)
    assert (told.level, told.title) == ("error", "config-conflict")
    place = r"ghcr.io/acme/shop:1 (linux/amd64): "
    assert told.message == place + r"The layers\x1b[2J are\x0a::error::bad → Look at the value."


def test_what_does_not_stand_in_the_way_of_anything_is_no_error() -> None:
    blocker, warning = finding("blocker", "x"), finding("warning", "y")
    assert levels(image("refused", platforms=[platform(warning, blocker)])) == ["error", "warning"]
    assert levels(image("skipped", platforms=[platform(blocker)])) == ["warning"]
    assert levels(REBASED) == levels(FORCED) == ["warning"]


def test_what_is_only_worth_knowing_or_was_tolerated_gets_none() -> None:
    told = platform(finding("note", "x"), finding("warning", "y", "we know"))
    assert levels(image("rebased", platforms=[told])) == []
    assert levels(UNCHANGED) == levels(WOULD_BE_REBASED) == []


def test_platforms_that_have_it_alike_share_a_line() -> None:
    arm = platform(finding("blocker", "x")).model_copy(update={"platform": "linux/arm64"})
    (told,) = annotations(image("refused", platforms=[platform(finding("blocker", "x")), arm]))
    assert told.message.startswith("ghcr.io/acme/shop:1 (linux/amd64, linux/arm64): x")


def test_an_image_that_failed_or_was_refused_without_a_finding_gets_a_line_itself() -> None:
    (failed,) = annotations(FAILED)
    assert (failed.level, failed.title) == ("error", "ghcr.io/acme/shop:1: failed")
    assert failed.message == "ghcr.io said no → Set `password`."
    refused = image("refused", decision={"outcome": "refuse", "because": "too young"})
    assert [(told.level, told.title, told.message) for told in annotations(refused)] == [
        ("error", "ghcr.io/acme/shop:1: refused", "too young")
    ]
    assert levels(image("skipped", decision={"outcome": "skip", "because": "x"})) == ["warning"]


def test_what_did_not_fit_is_noticed() -> None:
    assert levels(UNCHANGED, ["too large"]) == ["notice"]


@pytest.mark.parametrize("count", [9, 10, 11, 500])
def test_no_more_than_what_shows_is_written_and_the_rest_is_counted(count: int) -> None:
    blockers = [finding("blocker", f"blocker {number}") for number in range(count)]
    warnings = [finding("warning", f"warning {number}") for number in range(count)]
    many = image("refused", platforms=[platform(*warnings, *blockers)])
    shown = annotations(many, [f"notice {number}" for number in range(count)])
    for level in ("error", "warning", "notice"):
        mine = [told for told in shown if told.level == level]
        assert len(mine) == min(count, MAX_SHOWN)
        left_out = f"{count - 9} more are not shown here; the summary and report.json have all of them"
        assert (mine[-1].message == left_out) == (count > MAX_SHOWN)
    assert [told.level for told in shown] == sorted((told.level for told in shown), key="error warning notice".index)
    assert "blocker 0" in shown[0].message


def test_no_message_is_longer_than_what_is_shown() -> None:
    long = image("failed", error={"code": "c", "message": "\n" * 9000, "remedy": "y" * 9000})
    assert len(annotations(long)[0].message) == MAX_MESSAGE
    wide = image("refused", platforms=[platform(finding("blocker", "\n" * 9000))])
    assert len(annotations(wide)[0].message) == MAX_MESSAGE
