"""What shows beside a job."""

from rebaser.report.annotations import MAX_MESSAGE, annotations
from tests.report.reports import FAILED, REBASED, REFUSED, UNCHANGED, WOULD_BE_REBASED, finding, image, platform


def levels(*told: object) -> list[str]:
    return [annotation.level for annotation in annotations(*told)]  # type: ignore[arg-type]


def test_at_most_one_line_for_an_image() -> None:
    assert levels(REFUSED) == levels(FAILED) == ["error"]
    assert levels(REBASED) == ["warning"]
    assert levels(UNCHANGED) == levels(WOULD_BE_REBASED) == []
    assert levels(image("skipped")) == ["warning"]
    assert levels(image("rebased", platforms=[platform(finding("note", "x"))])) == []


def test_a_refusal_says_why_and_how_much_there_is_to_read() -> None:
    (told,) = annotations(REFUSED)
    assert told.title == "ghcr.io/acme/shop:1: refused"
    assert told.message.startswith(r"The layers\x1b[2J are\x0a::error::bad (1 blocker, 1 warning;")


def test_a_failure_says_what_to_do() -> None:
    (told,) = annotations(FAILED)
    assert told.message == "ghcr.io said no → Set `password`."


def test_what_did_not_fit_is_noticed() -> None:
    assert levels(UNCHANGED, ["too large"]) == ["notice"]


def test_no_message_is_longer_than_what_is_shown() -> None:
    long = image("failed", error={"code": "c", "message": "x" * 9000, "remedy": "y" * 9000})
    assert len(annotations(long)[0].message) == MAX_MESSAGE
