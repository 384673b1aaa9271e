"""What came of mutations, as people read it: a line each, and a table."""

from collections.abc import Iterable, Sequence

from tests.images.pairs.mutation import MATCHING, Mutated

_HEAD = """
## Mutations

From the new base of a pair that works, one thing is taken away that its probes used. Where they fail then, the matching
check must speak; where they pass, speaking is a false alarm.

| what | fails, and is told | fails, and is missed | passes, and is told | passes |
| --- | --- | --- | --- | --- |
"""
_COLUMNS = ((False, True), (False, False), (True, False), (True, True))


def mutation_line(one: Mutated) -> str:
    """One line for a terminal."""
    happened = "passes" if one.passed else "fails"
    what = f"{one.pair:48} without {one.kind} {one.name}"
    return f"{' ' if one.is_right else '!'} {what}: {happened} ({', '.join(one.spoke)})"


def mutation_table(tried: Sequence[Mutated]) -> str:
    """How many things that were taken away were missed, by kind; then those that were, and false alarms."""
    if not tried:
        return ""
    rows = [_row(kind, [one for one in tried if one.kind == kind]) for kind in MATCHING]
    wrong = list(_wrong(tried))
    return (
        _HEAD
        + "".join(rows)
        + ("\n| pair | without | probes |\n| --- | --- | --- |\n" if wrong else "")
        + "".join(wrong)
    )


def _row(kind: str, tried: Iterable[Mutated]) -> str:
    told = [(one.passed, one.is_right) for one in tried]
    return f"| {kind} | {' | '.join(str(told.count(column)) for column in _COLUMNS)} |\n"


def _wrong(tried: Iterable[Mutated]) -> Iterable[str]:
    for one in tried:
        if not one.is_right:
            yield f"| {one.pair} | {one.kind} {one.name} | {'pass' if one.passed else 'fail'} |\n"
