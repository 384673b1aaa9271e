"""Where the application's paths lead on a base that has links where the old one had directories: merged /usr, /var/run.

H21. Only what the old base had as a directory, and the application left as one, is taken for the link's target: what
the application made, replaced or removed itself stays where it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from rebaser.layers.entry import Kind, parent_of, same_access
from rebaser.layers.filesystem import FileSystem
from rebaser.layers.index import LayerIndex


class Problem(NamedTuple):
    """A path of the application's layers that cannot be brought onto the new base, and why not."""

    path: str
    message: str


class Places:
    """Answers for the directories of the application's layers, and for what lies in them.

    `turned` are the directories that are links in the new base, with what those lead to; `altered` are those that a
    layer makes, or gives an owner, a mode or attributes of its own.
    """

    def __init__(self, old: FileSystem, app: Sequence[LayerIndex], new: FileSystem) -> None:
        self.turned: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.altered = frozenset(_altered(old, app))
        self._old, self._new = old, new
        self._opaque = frozenset(path for layer in app for path in layer.opaques)
        self._replaced = frozenset(_replaced(app))
        self._entered = frozenset(entry.path for layer in app for entry in layer.entries)
        self._own: set[str] = set()
        self._through: dict[str, str] = {}
        self._places = {"": ""}
        for layer in app:
            for path in named(layer):
                self.directory(parent_of(path))
            for entry in layer.entries:
                if entry.kind is Kind.DIRECTORY:
                    self.directory(entry.path)

    def of(self, path: str) -> str:
        """Return where what stands at a path goes; if it is a link, it is not followed."""
        return _inside(self.directory(parent_of(path)), path)

    def directory(self, path: str) -> str:
        """Return the directory of the new base that one of the application's stands for."""
        waiting, at = [], path
        while at not in self._places:
            waiting.append(at)
            at = parent_of(at)
        for inner in reversed(waiting):
            self._places[inner] = self._next(inner, parent_of(inner))
        return self._places[path]

    def link_above(self, path: str) -> str:
        """Return the innermost directory above a path that is a link in the new base; empty if none is."""
        return self._through.get(parent_of(path), "")

    def is_passed_through(self, path: str) -> bool:
        """Answer whether a layer has a directory only for what is in it, and the new base has it in another place."""
        if path in self.turned:
            return True
        place = self.of(path)
        if place == path or path in self._own or path in self._opaque or path in self.altered:
            return False
        below = self._new.entry(place)
        return below is not None and below.kind is Kind.DIRECTORY

    def _next(self, path: str, parent: str) -> str:
        place = _inside(self._places[parent], path)
        self._through[path] = self._through.get(parent, "")
        if path in self._replaced or parent in self._own or parent in self._opaque:
            self._own.add(path)
            return place
        old, new = self._old.entry(path), self._new.entry(place)
        if old is None or old.kind is not Kind.DIRECTORY or new is None or new.kind is Kind.DIRECTORY:
            return place
        if new.kind is Kind.SYMLINK:
            return self._turn(path, place)
        if path not in self._entered:
            self.problems.append(Problem(path, f"is a {new.kind} in the new base, and the layer has something in it"))
        return place

    def _turn(self, path: str, place: str) -> str:
        real = self._new.real_path(place)
        if real is None or real not in self._new.children:
            self.problems.append(Problem(path, "is a link in the new base, and leads to no directory"))
            return place
        if path in self._opaque:
            self.problems.append(Problem(path, "is a link in the new base, and a layer hides all that is below it"))
        elif path in self.altered:
            self.problems.append(Problem(path, "is a link in the new base, and a layer changes its owner or mode"))
        self.turned[path] = real
        self._through[path] = path
        return real


def named(layer: LayerIndex) -> Iterator[str]:
    """Yield all the paths that a layer tells something of, some of them more than once."""
    targets = (entry.link for entry in layer.entries if entry.kind is Kind.HARD_LINK)
    return chain((entry.path for entry in layer.entries), layer.whiteouts, layer.opaques, targets)


def _replaced(app: Iterable[LayerIndex]) -> Iterator[str]:
    for layer in app:
        yield from layer.whiteouts
        yield from (entry.path for entry in layer.entries if entry.kind is not Kind.DIRECTORY)


def _altered(old: FileSystem, app: Iterable[LayerIndex]) -> Iterator[str]:
    for layer in app:
        for entry in layer.entries:
            if entry.kind is Kind.DIRECTORY:
                was = old.entry(entry.path)
                if was is None or was.kind is not Kind.DIRECTORY or not same_access(was, entry):
                    yield entry.path


def _inside(directory: str, path: str) -> str:
    name = path.rpartition("/")[2]
    return f"{directory}/{name}" if directory else name
