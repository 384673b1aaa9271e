"""Layers stacked into the file system that a container sees. image-spec layer.md; rows of docs/whiteouts.md.

Where engines disagree, this is what a container on the overlay storage sees, and a `Divergence` says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rebaser.layers.entry import Entry, Kind, parent_of, parents_of
from rebaser.layers.index import LayerIndex
from rebaser.layers.tree import paths_below

MAX_LINKS = 40  # symbolic links followed for one path, as Linux does
ROOT = Entry("", Kind.DIRECTORY, 0o755)


class Node(NamedTuple):
    """What stands at a path, and the position of the layer that put it there, base first."""

    entry: Entry
    layer: int


class Divergence(NamedTuple):
    """A path where engines come to different file systems, or some to none; `rule` is the table's row.

    `fatal` ones stop some engine from unpacking the image at all.
    """

    rule: str
    path: str
    layer: int
    message: str
    fatal: bool = False


@dataclass(frozen=True)
class FileSystem:
    """Paths and what stands there. `children` are the names in each directory."""

    nodes: Mapping[str, Node]
    children: Mapping[str, Mapping[str, None]]
    divergences: tuple[Divergence, ...] = ()
    layers: int = 0
    _resolved: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    def __contains__(self, path: str) -> bool:
        """Answer whether something stands at the path itself, links not followed."""
        return path in self.nodes

    def entry(self, path: str) -> Entry | None:
        """Return what stands at the path itself, links not followed."""
        node = self.nodes.get(path)
        return node.entry if node else None

    def real_path(self, path: str) -> str | None:
        """Return where a path leads, all links followed; None where it leads nowhere or in circles."""
        path = path.strip("/")
        if path not in self._resolved:
            self._resolved[path] = self._follow(path)
        return self._resolved[path]

    def find(self, path: str) -> Entry | None:
        """Return what a path leads to, links followed as a program that opens it would."""
        real = self.real_path(path)
        return self.nodes[real].entry if real is not None and real in self.nodes else None

    def place(self, path: str) -> str:
        """Return the path with the links in its directories followed, its own last part not."""
        directory, _, name = path.strip("/").rpartition("/")
        real = self.real_path(directory) if directory else ""
        if real is None:
            return path.strip("/")
        return f"{real}/{name}" if real else name

    def names(self, path: str) -> tuple[str, ...]:
        """Return the names in a directory, links followed; none where it is no directory."""
        real = self.real_path(path)
        return tuple(self.children.get(real, ())) if real is not None else ()

    def below(self, path: str) -> Iterator[Entry]:
        """Yield all that stands below a directory, links not followed; each directory before what is in it."""
        return (self.nodes[inner].entry for inner in paths_below(path, self.children))

    def _follow(self, path: str) -> str | None:
        waiting = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        at, links = "", 0
        while waiting:
            part = waiting.pop()
            if part == "..":
                at = parent_of(at)
                continue
            inner = f"{at}/{part}" if at else part
            node = self.nodes.get(inner)
            if node is None:
                return None
            if node.entry.kind is Kind.SYMLINK:
                links += 1
                if links > MAX_LINKS:
                    return None
                target = node.entry.link
                at = "" if target.startswith("/") else at
                waiting += [piece for piece in reversed(target.split("/")) if piece not in ("", ".")]
            elif waiting and node.entry.kind is not Kind.DIRECTORY:
                return None
            else:
                at = inner
        return at


def stack(layers: Sequence[LayerIndex]) -> FileSystem:
    """Return the file system of layers, base first."""
    return add(FileSystem({"": Node(ROOT, 0)}, {"": {}}), layers)


def add(base: FileSystem, layers: Iterable[LayerIndex]) -> FileSystem:
    """Return the file system of `base` with more layers on it."""
    building = _Building(
        dict(base.nodes), {path: dict(names) for path, names in base.children.items()}, list(base.divergences)
    )
    count = base.layers
    for layer in layers:
        building.apply(layer, count)
        count += 1
    return FileSystem(building.nodes, building.children, tuple(building.divergences), count)


class _Building:
    """A file system in the making."""

    def __init__(
        self, nodes: dict[str, Node], children: dict[str, dict[str, None]], divergences: list[Divergence]
    ) -> None:
        self.nodes, self.children, self.divergences = nodes, children, divergences
        self._number = 0

    def apply(self, layer: LayerIndex, number: int) -> None:
        """Put a layer on top; what it removes is of the layers below only."""
        self._number = number
        self._report_oddities(layer)
        for path in layer.opaques:
            self._pass_links(path, "W9b")
            for name in tuple(self.children.get(path, ())):
                self._remove(f"{path}/{name}" if path else name)
        for path in layer.whiteouts:
            self._white_out(path)
        joined: dict[str, list[Entry]] = {}
        for entry in layer.entries:
            if entry.kind is Kind.HARD_LINK:
                self._join(entry, joined)
            else:
                self._put(entry)
        self._share_access(joined)

    def _report_oddities(self, layer: LayerIndex) -> None:
        for oddity in layer.oddities:
            fatal = oddity.rule in ("W15", "W3b", "W9d")
            applies = oddity.rule != "W3a" or self.children.get(oddity.path)
            if applies:
                self._diverge(oddity.rule, oddity.path, oddity.message, fatal=fatal)

    def _diverge(self, rule: str, path: str, message: str, *, fatal: bool = False) -> None:
        self.divergences.append(Divergence(rule, path, self._number, message, fatal))

    def _white_out(self, path: str) -> None:
        self._pass_links(path, "W9b")
        if path in self.nodes:
            self._remove(path)
        elif path and parent_of(path) not in self.nodes:
            self._diverge("W10", path, "it is removed from a directory that no layer below has; overlay shows a device")

    def _put(self, entry: Entry) -> None:
        path = entry.path
        self._pass_links(path, "W9")
        self._make_parents(path)
        standing = self.nodes.get(path)
        if standing is not None and not (entry.kind is Kind.DIRECTORY and standing.entry.kind is Kind.DIRECTORY):
            self._remove(path)
        self._set(path, entry)

    def _pass_links(self, path: str, rule: str) -> None:
        """Make a real directory of a link on the way: overlay does, other engines go through the link."""
        above = self.nodes.get(parent_of(path))
        if above is not None and above.entry.kind is Kind.DIRECTORY:
            return  # and so is all that is above it
        for directory in parents_of(path):
            node = self.nodes.get(directory)
            if node is None:
                return
            if node.entry.kind is not Kind.DIRECTORY:
                is_link = node.entry.kind is Kind.SYMLINK
                self._diverge(
                    rule if is_link else "W6b",
                    path,
                    f"it stands below {directory!r}, which is a {node.entry.kind} below"
                    + (f" to {node.entry.link!r}" if is_link else ""),
                    fatal=not is_link,
                )
                self._remove(directory)
                self._set(directory, Entry(directory, Kind.DIRECTORY, 0o755))

    def _make_parents(self, path: str) -> None:
        if parent_of(path) in self.nodes:
            return
        for directory in parents_of(path):
            if directory not in self.nodes:
                self._set(directory, Entry(directory, Kind.DIRECTORY, 0o755))

    def _join(self, entry: Entry, joined: dict[str, list[Entry]]) -> None:
        """Put a hard link; what it joins must be there already, as the engine reads the layer in its order."""
        node = self.nodes.get(entry.link)
        if node is None or node.entry.kind is Kind.DIRECTORY or entry.link == entry.path:
            self._diverge("W14b", entry.path, f"it joins {entry.link!r}, which is not there", fatal=True)
            return
        if node.layer != self._number:
            why = f"it joins {entry.link!r} of another layer, which overlay cannot"
            self._diverge("W14", entry.path, why, fatal=True)
        self._put(node.entry._replace(path=entry.path))
        names = joined.setdefault(entry.link, [node.entry])
        names.append(entry)
        joined[entry.path] = names

    def _share_access(self, joined: Mapping[str, list[Entry]]) -> None:
        """Give all names of a file the mode and owner of the last hard link, as engines that set them do (W14c)."""
        for path, names in joined.items():
            first, last = names[0], names[-1]
            access = (last.mode if first.kind is not Kind.SYMLINK else first.mode, last.uid, last.gid)
            node = self.nodes.get(path)
            if access == (first.mode, first.uid, first.gid) or node is None or node.layer != self._number:
                continue
            self.nodes[path] = Node(node.entry._replace(mode=access[0], uid=access[1], gid=access[2]), node.layer)
            self._diverge("W14c", path, "hard links to it have other modes or owners, which not all engines set")

    def _set(self, path: str, entry: Entry) -> None:
        self.nodes[path] = Node(entry, self._number)
        if path:
            self.children.setdefault(parent_of(path), {})[path.rpartition("/")[2]] = None
        if entry.kind is Kind.DIRECTORY:
            self.children.setdefault(path, {})

    def _remove(self, path: str) -> None:
        for inner in (path, *paths_below(path, self.children)):
            self.children.pop(inner, None)
            del self.nodes[inner]
        del self.children[parent_of(path)][path.rpartition("/")[2]]
