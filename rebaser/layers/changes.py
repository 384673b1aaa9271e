"""What is changed in a layer that cannot stand on another base as it is, and what its index is afterwards."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rebaser.layers.entry import Entry, Kind
from rebaser.layers.index import LayerIndex, Oddity, own_oddities


@dataclass(frozen=True, slots=True)
class Joined:
    """The file that a hard link becomes: what it joined, as it was."""

    content: bytes
    mode: int
    uid: int
    gid: int
    xattrs: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """By path as the layer has it, without slashes around.

    `moved` gives the new path of an entry, of what a whiteout removes, of a directory that is opaque, and of what a
    hard link joins, wherever it stands. `dropped` entries are left out, and so are the whiteouts that remove a path
    of `idle`. `joined` are hard links that become files.
    """

    moved: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    joined: Mapping[str, Joined] = field(default_factory=dict)

    def place(self, path: str) -> str:
        """Return where a path of the layer is afterwards."""
        return self.moved.get(path, path)


def changed(index: LayerIndex, changes: Changes, files: Mapping[str, Entry]) -> LayerIndex:
    """Return the index of the layer that `rewritten` gives; `files` are the entries of `changes.joined`, by old path.

    Diff ID and size stay those of the layer as it was. What is kept of contents is what the old paths wanted.
    """
    entries = {entry.path: entry for entry in _entries(index, changes, files)}
    whiteouts = _each_once(changes.place(path) for path in index.whiteouts if path not in changes.idle)
    opaques = _each_once(map(changes.place, index.opaques))
    oddities = (*_told_in_order(index, changes), *own_oddities(entries, whiteouts, opaques))
    return replace(
        index,
        entries=tuple(entries.values()),
        whiteouts=tuple(whiteouts),
        opaques=tuple(opaques),
        oddities=oddities,
    )


def _entries(index: LayerIndex, changes: Changes, files: Mapping[str, Entry]) -> Iterator[Entry]:
    for entry in index.entries:
        if entry.path in changes.dropped:
            continue
        path = changes.place(entry.path)
        if entry.path in files:
            yield files[entry.path]._replace(path=path)
        elif entry.kind is Kind.HARD_LINK:
            yield entry._replace(path=path, link=changes.place(entry.link))
        else:
            yield entry._replace(path=path)


def _told_in_order(index: LayerIndex, changes: Changes) -> Iterator[Oddity]:
    """Yield those oddities that come of the order of the members, which stays. W9d is gone: no path leads elsewhere."""
    gone = {"W15": changes.dropped, "W3b": changes.dropped | changes.idle}
    for oddity in index.oddities:
        if oddity.rule == "W12":
            yield oddity
        elif oddity.rule in gone and oddity.path not in gone[oddity.rule]:
            yield oddity._replace(path=changes.place(oddity.path))


def _each_once(paths: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(paths)
