"""What becomes of a text that both sides edited? Merged by lines, as diff3(1) and `git merge-file` do.

What a side changed is found with the greedy algorithm of Myers, "An O(ND) Difference Algorithm", 1986.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TypeAlias

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.conflict import BothChangedError, Conflict, conflict, plain

_MAX = 1 << 20  # bytes
_MAX_LINES = 20_000
_MAX_EDITS = 500  # lines added and removed; time grows with its square, and beyond it all between is one change

_Runs: TypeAlias = "tuple[_Runs, int, int, int] | None"
"""The lines that two texts share: what comes before, where it begins in either, how many. The last one is outermost."""


@dataclass(frozen=True, slots=True)
class _Change:
    """The old lines from `start` to before `end` were replaced, by `growth` more lines."""

    start: int
    end: int
    growth: int


def merge_text(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the text with the changes of both; a conflict names the old text's first line of each, as `line 7`.

    Changes that touch each other conflict unless they are the same; with an old line between them both are made.
    Whether the last line has an end is merged by itself.

    Raises:
        MalformedError: both sides changed it, and one is larger than 1 MiB or 20,000 lines, or has a byte that is zero.
    """
    if app in (old, new):
        return new
    if new == old:
        return app
    lines = _lines(old)
    ours, theirs = _lines(app), _lines(new)
    by_app, by_new = _changes(lines, ours), _changes(lines, theirs)
    places = list(_places([*by_app, *by_new]))
    merged: list[bytes] = []
    clashes: list[str] = []
    at = 0
    for (start, end), one, other in zip(
        places, _became(ours, by_app, places), _became(theirs, by_new, places), strict=True
    ):
        try:
            merged += lines[at:start] + plain(lines[start:end], one, other, f"line {start + 1}")
        except BothChangedError as error:
            clashes += error.subjects
        at = end
    if clashes:
        return conflict(clashes)
    return b"\n".join(merged + lines[at:]) + plain(_ending(old), _ending(app), _ending(new), "the last line")


def _lines(body: bytes) -> list[bytes]:
    ends = body.count(b"\n")
    if len(body) > _MAX or ends > _MAX_LINES:
        raise MalformedError(f"the text has {len(body)} bytes in {ends} lines")
    if b"\0" in body:
        raise MalformedError("it is no text: it has bytes that are zero")
    return body.removesuffix(b"\n").split(b"\n") if body else []


def _ending(body: bytes) -> bytes:
    return b"" if body and not body.endswith(b"\n") else b"\n"


def _places(changes: Sequence[_Change]) -> Iterator[tuple[int, int]]:
    """Yield where the old text was changed, each place with all changes that touch each other."""
    start, end = -1, -1
    for change in sorted(changes, key=lambda change: change.start):
        if change.start > end:
            if end >= 0:
                yield start, end
            start = change.start
        end = max(end, change.end)
    if end >= 0:
        yield start, end


def _became(lines: list[bytes], changes: Sequence[_Change], places: Sequence[tuple[int, int]]) -> Iterator[list[bytes]]:
    """Yield what each place of the old text is in this one."""
    done = shift = 0
    for start, end in places:
        begin = start + shift
        while done < len(changes) and changes[done].start <= end:
            shift += changes[done].growth
            done += 1
        yield lines[begin : end + shift]


def _changes(old: list[bytes], lines: list[bytes]) -> list[_Change]:
    """Return what turns the old lines into these, in order; between two changes a line stays."""
    head = _shared(old, lines)
    tail = _shared(old[head:][::-1], lines[head:][::-1])
    stay = [(len(old) - tail, len(lines) - tail, tail)]
    runs = _runs(old[head : len(old) - tail], lines[head : len(lines) - tail])
    while runs:
        runs, start, begin, length = runs
        stay.append((head + start, head + begin, length))
    found = []
    for (start, begin, length), (end, to, _) in pairwise([(0, 0, head), *reversed(stay)]):
        if end > start + length or to > begin + length:
            found.append(_Change(start + length, end, to - begin - end + start))
    return found


def _shared(old: list[bytes], lines: list[bytes]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, lines, strict=False)))


def _runs(old: list[bytes], lines: list[bytes]) -> _Runs:
    """Return the lines that stay where as few as possible are added and removed; none if those are too many."""
    furthest: dict[int, tuple[int, _Runs]] = {1: (0, None)}
    for edits in range(min(_MAX_EDITS, len(old) + len(lines)) + 1):
        for diagonal in range(-edits, edits + 1, 2):
            at, runs = _step(furthest, diagonal, edits)
            begin = at
            while at < len(old) and at - diagonal < len(lines) and old[at] == lines[at - diagonal]:
                at += 1
            furthest[diagonal] = at, (runs, begin, begin - diagonal, at - begin) if at > begin else runs
            if at >= len(old) and at - diagonal >= len(lines):
                return furthest[diagonal][1]
    return None


def _step(furthest: dict[int, tuple[int, _Runs]], diagonal: int, edits: int) -> tuple[int, _Runs]:
    """Return where one more line, added or removed, leads on this diagonal."""
    if diagonal == -edits or (diagonal != edits and furthest[diagonal - 1][0] < furthest[diagonal + 1][0]):
        return furthest[diagonal + 1]
    at, runs = furthest[diagonal - 1]
    return at + 1, runs
