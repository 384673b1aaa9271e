"""Outcomes as people and programs read them: a line each, JSON, and a table."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.images.pairs.model import Truth
from tests.images.pairs.outcome import Outcome
from tests.images.pairs.verdicts import REFUSED, SAFE

Found = Counter[tuple[str, str]]
"""How many pairs have a truth and a verdict."""

ALIKE = "a rebuild breaks as well"
DATABASES = "stale in package databases alone"
TOLD = "tools say something else"

_HEAD = """\
# Verdicts

Real applications, built on an old base, rebased onto a new one, and really built on the new one. The truth is found by
running all three and by comparing their files; the verdict is what a dry run says. Made by
`python -m tests.images.pairs --table docs/verdicts.md`; `tests/images/pairs/README.md` says how.

"""


def line(outcome: Outcome) -> str:
    """One line for a terminal."""
    word = outcome.verdict.word
    because = f" ({', '.join(outcome.verdict.because)})" if outcome.verdict.because else ""
    surprise = "" if as_defined(outcome) else f"  defined as {outcome.defined}"
    told = "".join(f"\n      {line}" for line in outcome.told)
    return f"{mark(outcome)} {outcome.pair:58} {outcome.truth:6} {word}{because}{surprise}{told}"


def as_defined(outcome: Outcome) -> bool:
    """Whether the truth is what the pair's author said; a merge layer may do better than the plain stack."""
    return outcome.defined in {None, outcome.truth} or (outcome.truth == Truth.WORKS and outcome.defined == Truth.STALE)


def write_json(outcomes: Iterable[Outcome], file: Path) -> None:
    """All that was found out."""
    file.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))


def table(written: Sequence[Outcome], drawn: Sequence[Outcome]) -> str:
    """Counts first, hand-written and drawn pairs apart; then a row for each pair."""
    parts = [_HEAD, _counts({"written by hand": written, "drawn": drawn})]
    for title, outcomes in (("Written by hand", written), ("Drawn", drawn)):
        if outcomes:
            parts += [
                f"\n## {title}\n\n",
                "| pair | truth | verdict | because | rebuilt | files that differ | such as |\n",
            ]
            parts += ["| --- | --- | --- | --- | --- | --- | --- |\n", *(_row(outcome) for outcome in outcomes)]
    return "".join([*parts, *_told([*written, *drawn])])


def _told(outcomes: Iterable[Outcome]) -> list[str]:
    """What tools say in the rebased image only, or in the rebuilt one only, below the tables."""
    lines = [f"- {outcome.pair}: `{line.strip()}`\n" for outcome in outcomes for line in outcome.told]
    head = "\n## Where tools say something else\n\n`+` in the rebased image only, `-` in the rebuilt one only.\n\n"
    return [head, *lines] if lines else []


def _counts(groups: dict[str, Sequence[Outcome]]) -> str:
    rows: list[tuple[str, Callable[[Found], str]]] = [
        ("pairs", lambda found: str(sum(_all(found, truth) for truth in Truth))),
        ("break and called safe (must be 0)", lambda found: str(found[Truth.BREAKS, SAFE])),
        ("of these, a rebuild breaks as well", lambda found: str(found[ALIKE, SAFE])),
        ("break and refused", lambda found: str(found[Truth.BREAKS, REFUSED])),
        ("work and called safe", lambda found: str(found[Truth.WORKS, SAFE])),
        ("work and refused", lambda found: _share(found[Truth.WORKS, REFUSED], _all(found, Truth.WORKS))),
        ("stale and called safe", lambda found: str(found[Truth.STALE, SAFE])),
        ("of these, in package databases alone", lambda found: str(found[DATABASES, SAFE])),
        ("stale and refused", lambda found: str(found[Truth.STALE, REFUSED])),
        ("tools say something else than in a rebuild", lambda found: str(_all(found, TOLD))),
        ("void (must be 0)", lambda found: str(_all(found, Truth.VOID))),
    ]
    counted = [_counted(group) for group in groups.values()]
    head = f"| | {' | '.join(groups)} |\n|{' --- |' * (len(groups) + 1)}\n"
    return head + "".join(f"| {title} | {' | '.join(count(found) for found in counted)} |\n" for title, count in rows)


def _counted(group: Sequence[Outcome]) -> Found:
    found = Counter((outcome.truth, outcome.verdict.word) for outcome in group)
    alike = (outcome for outcome in group if outcome.truth == Truth.BREAKS and _fails_when_rebuilt(outcome))
    found.update((ALIKE, outcome.verdict.word) for outcome in alike)
    found.update((TOLD, outcome.verdict.word) for outcome in group if outcome.told)
    found.update((DATABASES, outcome.verdict.word) for outcome in group if _in_databases_alone(outcome))
    return found


def _in_databases_alone(outcome: Outcome) -> bool:
    paths = [difference[1:] for difference in outcome.differences]
    known = all(path.startswith("/var/lib/dpkg/") or path == "/var/lib/apt/extended_states" for path in paths)
    return outcome.truth == Truth.STALE and outcome.differing == len(paths) > 0 and known and not outcome.told


def _fails_when_rebuilt(outcome: Outcome) -> bool:
    return outcome.rebuilt is None or not outcome.rebuilt.passed


def _all(found: Found, truth: str) -> int:
    return sum(number for (which, _), number in found.items() if which == truth)


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else "0"


def _row(outcome: Outcome) -> str:
    rebuilt = "can't be built" if outcome.rebuilt is None else ("passes" if outcome.rebuilt.passed else "fails")
    differing = str(outcome.differing) if outcome.truth in {Truth.STALE, Truth.WORKS} else ""
    because = ", ".join(outcome.verdict.because)
    examples = " ".join(f"`{difference}`" for difference in outcome.differences[:2]) if differing else ""
    told = (outcome.pair, outcome.truth, outcome.verdict.word, because, rebuilt, differing, examples)
    return f"| {' | '.join(told)} |\n"


def mark(outcome: Outcome) -> str:
    """`!` what must not be, `?` what a reader should know, a blank else."""
    if outcome.truth == Truth.VOID or (outcome.truth == Truth.BREAKS and outcome.verdict.word != REFUSED):
        return "!"
    right = SAFE if outcome.truth == Truth.WORKS else REFUSED
    return " " if outcome.verdict.word == right else "?"
