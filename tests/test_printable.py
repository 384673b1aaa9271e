import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.printable import MAX_SHOWN, printable, size


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("Grüße 日本 😀", "Grüße 日本 😀"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\r\tc", "a\\x0ab\\x0d\\x09c"),
        ("::error::x\n::set-output", "::error::x\\x0a::set-output"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("abc\u202edcb", "abc\\u202edcb"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("half\ud800", "half\\ud800"),
        ("\ue000", "\\ue000"),
        ("\U000e0041", "\\ue0041"),
    ],
)
def test_what_is_invisible_or_active_is_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_long_text_is_cut() -> None:
    assert printable("x" * MAX_SHOWN) == "x" * MAX_SHOWN
    assert printable("x" * (MAX_SHOWN + 1)) == "x" * MAX_SHOWN + "… (1 more)"
    assert printable("abcdef", limit=2) == "ab… (4 more)"
    assert len(printable("\x1b" * 1_000_000)) < 2000


@given(st.text())
def test_what_is_shown_is_one_line_that_can_be_written(text: str) -> None:
    shown = printable(text)
    assert shown.splitlines() in ([], [shown])
    assert shown.encode().decode() == shown
    assert printable(shown, limit=10_000) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1550, "1.6 kB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (4_194_304, "4.2 MB"),
        (7_000_000_000, "7.0 GB"),
        (2**63 - 1, "9223372.0 TB"),
    ],
)
def test_sizes_are_shown_as_people_read_them(count: int, shown: str) -> None:
    assert size(count) == shown
