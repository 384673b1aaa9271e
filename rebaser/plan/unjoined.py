"""Hard links of the application's layers to files that only the old base had, and the files that they become. H30.

What joins a file of another layer in the original too, and finds one in the new base, is left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rebaser.layers.entry import Entry, Kind, same_content
from rebaser.layers.filesystem import FileSystem, add
from rebaser.layers.index import LayerIndex
from rebaser.plan.places import Problem
from rebaser.plan.relocation import Relocation

MAX_UNJOINED = 64 << 20  # bytes of the files whose contents are held in memory, all together


class Join(NamedTuple):
    """A hard link of the application's layer at position `layer`, at its path there, and the file that it is.

    `source` is the old base's file, with the mode and the owner that the hard link gives it.
    """

    layer: int
    path: str
    source: Entry


@dataclass(frozen=True, slots=True)
class Stacks:
    """The old base and the new one, and the application's layers on each: as they are, and as they were moved."""

    old: FileSystem
    original: FileSystem
    new: FileSystem
    rebased: FileSystem


def unjoined(stacks: Stacks, app: Sequence[LayerIndex], moved: Relocation) -> tuple[list[Join], list[Problem]]:
    """Return the hard links that are to become files, and those that should and cannot."""
    broken = _broken(stacks, app, moved)
    joins: dict[tuple[int, str], Join] = {}
    problems: list[Problem] = []
    seen: set[str] = set()
    left = MAX_UNJOINED
    for position, below in _below(stacks.old, app, broken):
        for entry in broken[position]:
            if (position, entry.link) in joins:
                continue  # it finds the file that was made before it
            source = _source(entry, below, stacks.old, joins)
            now = stacks.new.entry(moved.changes[position].place(entry.link))
            more = source.size if source and source.path not in seen else 0
            why = _why_not(source, now) or ("which is too large to be copied" if more > left else "")
            if source is None or why:
                problems.append(Problem(entry.path, f"joins {entry.link!r}, {why}"))
                continue
            seen.add(source.path)
            left -= more
            file = source._replace(mode=entry.mode, uid=entry.uid, gid=entry.gid)  # W14c
            joins[position, entry.path] = Join(position, entry.path, file)
    return list(joins.values()), problems


def _broken(stacks: Stacks, app: Sequence[LayerIndex], moved: Relocation) -> Mapping[int, Sequence[Entry]]:
    """Return the hard links, by layer, that no engine can unpack any more, or that some cannot which could before."""
    old, new = stacks.old.layers, stacks.new.layers
    before = {(one.rule, one.path) for one in stacks.original.divergences}
    never = {(one.layer - old, one.path) for one in stacks.original.divergences if one.rule == "W14b"}
    now = {
        (one.layer - new, one.path)
        for one in stacks.rebased.divergences
        if one.rule in ("W14", "W14b") and (one.rule, one.path) not in before
    }
    found: dict[int, list[Entry]] = {}
    for position, layer in enumerate(app):
        for entry in layer.entries:
            place = moved.changes[position].place(entry.path)
            if entry.kind is Kind.HARD_LINK and (position, place) in now and (position, entry.path) not in never:
                found.setdefault(position, []).append(entry)
    return found


def _below(
    old: FileSystem, app: Sequence[LayerIndex], wanted: Mapping[int, object]
) -> Iterator[tuple[int, FileSystem]]:
    """Yield the position of each layer that is wanted, with what the original has below it."""
    below, done = old, 0
    for position in sorted(wanted):
        below, done = add(below, app[done:position]), position
        yield position, below


def _source(entry: Entry, below: FileSystem, old: FileSystem, joins: Mapping[tuple[int, str], Join]) -> Entry | None:
    """Return the old base's file that a hard link joins, be it through one that an earlier layer has joined."""
    node = below.nodes.get(entry.link)
    if node is None or node.layer < old.layers:
        return node.entry if node else None
    through = joins.get((node.layer - old.layers, entry.link))
    return through.source if through else None


def _why_not(source: Entry | None, now: Entry | None) -> str:
    """Return why a hard link cannot become the file that it joins; empty where it can."""
    if source is None:
        return "which is no file of the old base"
    if source.kind is not Kind.FILE:
        return f"which was a {source.kind}"
    if now is not None and now.kind is Kind.FILE and not same_content(source, now):
        return "which is another file in the new base"
    return ""
