"""Which of the application's layers cannot stand on the new base as they are, and what is changed in them.

H21: paths that the new base leads through a link; H30: hard links to files that only the old base had; W10: removals
from directories that no layer below has. Only what the new base brings about: what the original has too stays.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rebaser.layers.changes import Changes, Joined, changed
from rebaser.layers.entry import CONTENT, Entry, Kind, parent_of
from rebaser.layers.filesystem import FileSystem, add
from rebaser.layers.index import Depth, LayerIndex, read_file
from rebaser.layers.limits import UnreadableError
from rebaser.layers.tar import Member
from rebaser.plan.places import Problem
from rebaser.plan.relocation import Reason, Relocation, relocation
from rebaser.plan.unjoined import Join, Stacks, unjoined


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What is changed in the application's layers, by their position; None where a layer stays as it is.

    `layers` are the indexes after it, with the diff IDs and sizes from before. `problems` are the paths that should
    have been changed and cannot be. `joins` are the hard links that become files: `completed` adds them to `changes`.
    `turned` are the directories that are links in the new base, with what those lead to.
    """

    changes: tuple[Changes | None, ...]
    layers: tuple[LayerIndex, ...]
    reasons: tuple[Reason, ...] = ()
    problems: tuple[Problem, ...] = ()
    joins: tuple[Join, ...] = ()
    turned: Mapping[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> frozenset[str]:
        """Return the paths of the old base's files whose contents `completed` needs, `MAX_UNJOINED` bytes at most."""
        return frozenset(join.source.path for join in self.joins)


def rewriting(old: FileSystem, app_layers: Sequence[LayerIndex], new: FileSystem) -> Rewriting:
    """Return what is changed in the layers of an application that stood on `old`, so that they can stand on `new`."""
    moved = relocation(old, app_layers, new)
    stacks = None
    if any(_may_break(layer, new) for layer in moved.layers):
        stacks = Stacks(old, add(old, app_layers), new, add(new, moved.layers))
    joins, unsolved = unjoined(stacks, app_layers, moved) if stacks else ([], [])
    idle = _idle(stacks, app_layers, moved) if stacks else tuple(() for _ in app_layers)
    files: list[dict[str, Entry]] = [{} for _ in app_layers]
    for join in joins:
        files[join.layer][join.path] = join.source
    changes = [replace(one, idle=one.idle.union(more)) for one, more in zip(moved.changes, idle, strict=True)]
    return Rewriting(
        tuple(one if one != Changes() or joined else None for one, joined in zip(changes, files, strict=True)),
        tuple(changed(*row) for row in zip(app_layers, changes, files, strict=True)),
        (*moved.reasons, *map(_why_file, joins), *_why_idle(idle)),
        (*moved.problems, *unsolved),
        tuple(joins),
        moved.turned,
    )


def completed(planned: Rewriting, bodies: Mapping[str, bytes]) -> Rewriting:
    """Return the rewriting with the contents of the files that hard links become; `bodies` has all that are `wanted`.

    Raises:
        UnreadableError: a body is missing, or is not that of the old base's file.
    """
    changes, layers = list(planned.changes), list(planned.layers)
    for position in sorted({join.layer for join in planned.joins}):
        one = changes[position] or Changes()
        joined = {join.path: _joined(join.source, bodies) for join in planned.joins if join.layer == position}
        changes[position] = replace(one, joined=joined)
        layers[position] = _with_files(layers[position], {one.place(path): file for path, file in joined.items()})
    return replace(planned, changes=tuple(changes), layers=tuple(layers))


def _may_break(layer: LayerIndex, new: FileSystem) -> bool:
    own = {entry.path for entry in layer.entries}
    return any(entry.kind is Kind.HARD_LINK and entry.link not in own for entry in layer.entries) or any(
        parent_of(path) not in new for path in layer.whiteouts
    )


def _idle(stacks: Stacks, app: Sequence[LayerIndex], moved: Relocation) -> tuple[tuple[str, ...], ...]:
    """Return the paths that each layer removes from where nothing is any more, as the layer names them."""
    before = {one.path for one in stacks.original.divergences if one.rule == "W10"}
    now = {
        (one.layer - stacks.new.layers, one.path)
        for one in stacks.rebased.divergences
        if one.rule == "W10" and one.path not in before
    }
    return tuple(
        tuple(path for path in layer.whiteouts if (position, changes.place(path)) in now)
        for position, (layer, changes) in enumerate(zip(app, moved.changes, strict=True))
    )


def _joined(source: Entry, bodies: Mapping[str, bytes]) -> Joined:
    body = bodies.get(source.path)
    if body is None or len(body) != source.size or hashlib.sha256(body).digest()[:CONTENT] != source.content:
        raise UnreadableError(f"the content of {source.path!r} of the old base is not there, or another")
    return Joined(body, source.mode, source.uid, source.gid, source.xattrs)


def _with_files(layer: LayerIndex, files: Mapping[str, Joined]) -> LayerIndex:
    entries = (_read(entry, files[entry.path]) if entry.path in files else entry for entry in layer.entries)
    return replace(layer, entries=tuple(entries))


def _read(entry: Entry, file: Joined) -> Entry:
    """Return the entry as it is read out of an application's layer, where more is kept of a file."""
    content = iter((memoryview(file.content),)) if file.content else iter(())
    member = Member(entry.path, "0", file.mode, file.uid, file.gid, len(file.content), "", (0, 0), file.xattrs, content)
    return read_file(entry.path, member, Depth.APPLICATION)


def _why_file(join: Join) -> Reason:
    what = f"becomes a file of its own, with what the old base has at {join.source.path!r}"
    return Reason(join.layer, join.path, what)


def _why_idle(idle: Sequence[Sequence[str]]) -> Iterator[Reason]:
    for position, paths in enumerate(idle):
        for path in paths:
            yield Reason(position, path, "is not removed any more: the new base has no such directory")


__all__ = ["Changes", "Join", "Problem", "Reason", "Rewriting", "completed", "rewriting"]
