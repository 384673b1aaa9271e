from dataclasses import replace

import pytest

from tests.images.pairs.model import Truth
from tests.images.pairs.outcome import Outcome
from tests.images.pairs.probing import Probed
from tests.images.pairs.record import as_defined, line, table
from tests.images.pairs.verdicts import Verdict

PASSED = Probed(passed=True, said="")
FAILED = Probed(passed=False, said="")
WORKS = Outcome("a/works", Truth.WORKS, Truth.WORKS, Verdict("safe"), PASSED, PASSED, PASSED, 0, (), True)
REFUSED = replace(WORKS, pair="a/refused", verdict=Verdict("refused", ("config-conflict",)))
BREAKS = replace(WORKS, pair="a/breaks", defined=Truth.BREAKS, truth=Truth.BREAKS, rebased=FAILED, rebuilt=FAILED)
NOT_BUILT = replace(WORKS, pair="a/stale", defined=Truth.STALE, truth=Truth.STALE, rebuilt=None, differing=3)
STALE = replace(NOT_BUILT, differences=("~/a", "+/b", "-/c"))


@pytest.mark.parametrize(
    ("outcome", "mark"),
    [
        (WORKS, " "),
        (REFUSED, "?"),
        (BREAKS, "!"),
        (replace(BREAKS, verdict=Verdict("refused")), " "),
        (replace(BREAKS, verdict=Verdict("failed")), "!"),
        (STALE, "?"),
        (replace(WORKS, truth=Truth.VOID), "!"),
    ],
)
def test_a_line_is_marked_by_how_bad_it_is(outcome: Outcome, mark: str) -> None:
    assert line(outcome)[0] == mark


def test_a_line_says_when_the_author_was_wrong() -> None:
    assert line(replace(WORKS, defined=Truth.BREAKS)).endswith("defined as breaks")
    assert "defined" not in line(replace(WORKS, defined=None))


def test_only_what_was_stale_may_turn_out_to_work() -> None:
    assert as_defined(replace(STALE, truth=Truth.WORKS))
    assert not as_defined(replace(STALE, truth=Truth.BREAKS))
    assert not as_defined(replace(WORKS, truth=Truth.STALE))
    assert not as_defined(replace(BREAKS, truth=Truth.WORKS))


def test_the_table_counts_first_and_hand_written_and_drawn_apart() -> None:
    lines = table([WORKS, REFUSED, BREAKS], [STALE]).splitlines()
    assert "| pairs | 3 | 1 |" in lines
    assert "| break and called safe (must be 0) | 1 | 0 |" in lines
    assert "| of these, a rebuild breaks as well | 1 | 0 |" in lines
    assert "| work and refused | 1 (50 %) | 0 |" in lines
    assert "| stale and called safe | 0 | 1 |" in lines
    assert lines.index("## Written by hand") < lines.index("## Drawn")
    assert "| a/refused | works | refused | config-conflict | passes | 0 |  |" in lines
    assert "| a/breaks | breaks | safe |  | fails |  |  |" in lines
    assert "| a/stale | stale | safe |  | can't be built | 3 | `~/a` `+/b` |" in lines
    assert "| of these, in package databases alone | 0 | 0 |" in lines


def test_what_tools_say_otherwise_stands_below_the_tables() -> None:
    told = replace(
        STALE, differing=0, differences=(), told=("+dpkg --audit: half-installed", "-dpkg --audit: ends with 0")
    )
    text = table([WORKS, told], [])
    assert "| tools say something else than in a rebuild | 1 | 0 |" in text
    assert text.endswith("- a/stale: `+dpkg --audit: half-installed`\n- a/stale: `-dpkg --audit: ends with 0`\n")
    assert "## Where tools" not in table([WORKS], [STALE])
    assert line(told).splitlines()[1:] == ["      +dpkg --audit: half-installed", "      -dpkg --audit: ends with 0"]


def test_what_differs_in_package_databases_alone_is_counted() -> None:
    databases = ("~/var/lib/apt/extended_states", "~/var/lib/dpkg/status")
    lines = table([STALE, replace(STALE, differing=2, differences=databases)], []).splitlines()
    assert "| of these, in package databases alone | 1 | 0 |" in lines
