"""The application's layers with their paths led through the new base's links, or why they cannot be. H21.

All layers are moved, or none: a rebuild would have found one set of links for all its steps.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from rebaser.layers.changes import Changes, changed
from rebaser.layers.entry import Entry, Kind, clean_path, parents_of, same_access, same_content
from rebaser.layers.filesystem import FileSystem, add
from rebaser.layers.index import LayerIndex
from rebaser.layers.limits import DEFAULT, UnreadableError
from rebaser.mergers.apk_place import PATHS as MERGED
from rebaser.plan.places import Places, Problem, named

_LINKED = ("W9", "W9b", "W5b", "W6b")
_JOINED = ("W14", "W14b")


class Reason(NamedTuple):
    """What becomes of a path of the application's layer at position `layer`, and why. The path is the layer's own."""

    layer: int
    path: str
    message: str


class Relocation(NamedTuple):
    """For each of the application's layers its changes, and its index after them. Where there are problems, none.

    `turned` are the directories that are links in the new base, with what those lead to.
    """

    changes: tuple[Changes, ...]
    layers: tuple[LayerIndex, ...]
    reasons: tuple[Reason, ...] = ()
    problems: tuple[Problem, ...] = ()
    turned: Mapping[str, str] = {}


def relocation(old: FileSystem, app: Sequence[LayerIndex], new: FileSystem) -> Relocation:
    """Return the layers of an application on `old` as they can stand on `new`."""
    places = Places(old, app, new)
    stays = Relocation(tuple(Changes() for _ in app), tuple(app))
    if places.problems or not places.turned:
        return stays._replace(problems=_sorted(places.problems))
    moves = [_Moves(layer, places) for layer in app]
    problems = [problem for one in moves for problem in one.problems]
    if problems:
        return stays._replace(problems=_sorted(problems))
    changes = tuple(one.changes() for one in moves)
    layers = tuple(changed(layer, one, {}) for layer, one in zip(app, changes, strict=True))
    problems = list(_lost(places, add(old, app), old, add(new, layers), new))
    if problems:
        return stays._replace(problems=_sorted(problems))
    return Relocation(changes, layers, tuple(_reasons(moves, places)), (), places.turned)


class _Moves:
    """What becomes of one layer's paths. Of two that meet one is left out, if they are the same."""

    def __init__(self, layer: LayerIndex, places: Places) -> None:
        self.layer = layer
        self.moved = {path: place for path in named(layer) if (place := places.of(path)) != path}
        self.dropped = {
            entry.path
            for entry in layer.entries
            if entry.kind is Kind.DIRECTORY and places.is_passed_through(entry.path)
        }
        self.idle: set[str] = set()
        self.problems: list[Problem] = []
        if self.moved:
            self._check_lengths()
            self._check_entries()
            self._check_removals()

    def changes(self) -> Changes:
        return Changes(self.moved, frozenset(self.dropped), frozenset(self.idle))

    def place(self, path: str) -> str:
        return self.moved.get(path, path)

    def _check_lengths(self) -> None:
        for path, place in self.moved.items():
            try:
                clean_path(place, DEFAULT)
            except UnreadableError:
                self.problems.append(Problem(path, "would have a path that is longer than file systems can hold"))

    def _check_entries(self) -> None:
        standing: dict[str, Entry] = {}
        for entry in self.layer.entries:
            if entry.path in self.dropped:
                continue
            other = standing.setdefault(self.place(entry.path), entry)
            if other is entry:
                continue
            if entry.kind is not Kind.HARD_LINK and same_content(entry, other) and same_access(entry, other):
                self.dropped.add(entry.path)
            else:
                self.problems.append(Problem(entry.path, f"would meet {other.path!r} of the same layer"))
        self._check_links(standing)

    def _check_links(self, standing: Mapping[str, Entry]) -> None:
        """Look for hard links to other layers' files at whose new place the layer has an entry itself."""
        own = {entry.path for entry in self.layer.entries}
        for entry in self.layer.entries:
            other = standing.get(self.place(entry.link)) if entry.kind is Kind.HARD_LINK else None
            if other is not None and entry.link not in own:
                self.problems.append(Problem(entry.path, f"would join {other.path!r} instead of {entry.link!r}"))

    def _check_removals(self) -> None:
        """Look for what one path of the layer would remove of what another one puts; the order would decide."""
        removed: dict[str, str] = {}
        for path in self.layer.whiteouts:
            if removed.setdefault(self.place(path), path) != path:
                self.idle.add(path)
        for path in self.layer.opaques:
            if removed.setdefault(self.place(path), path) != path:
                self.problems.append(Problem(path, "is removed from in two ways by the same layer"))
        for entry in self.layer.entries if removed else ():
            place = self.place(entry.path)
            for directory in (*parents_of(place), place):
                above = removed.get(directory)
                if above is not None and not f"{entry.path}/".startswith(f"{above}/"):
                    self.problems.append(Problem(entry.path, f"would lie where the same layer removes {above!r}"))


def _lost(
    places: Places, original: FileSystem, old: FileSystem, rebased: FileSystem, new: FileSystem
) -> Iterator[Problem]:
    """Yield what of the application would not be seen where it should be."""
    before = {(one.rule, one.path) for one in original.divergences}
    for one in rebased.divergences:
        if one.rule in _LINKED and one.layer >= new.layers and (one.rule, one.path) not in before:
            yield Problem(one.path, one.message)
    links = {one.path for one in original.divergences if one.rule in _JOINED}
    joined = links.union(*map(parents_of, links))  # which are there with the links, if nothing else makes them
    standing: dict[str, Entry] = {}
    for path, node in original.nodes.items():
        if node.layer >= old.layers and path:
            entry = node.entry
            place = places.directory(path) if entry.kind is Kind.DIRECTORY else places.of(path)
            why = _in_the_way(entry, place, standing, new) or (
                "" if path in joined else _not_seen(entry, places.altered, rebased.entry(place))
            )
            if why:
                yield Problem(path, f"would be at {place!r}, where {why}")


def _in_the_way(entry: Entry, place: str, standing: dict[str, Entry], new: FileSystem) -> str:
    other = standing.setdefault(place, entry)
    if not same_content(entry, other):
        return f"the application has {other.path!r} as well"
    below = new.entry(place) if place != entry.path and place not in MERGED else None
    if below is not None and not same_content(entry, below):
        return f"the new base has a {below.kind} of its own"
    return ""


def _not_seen(entry: Entry, altered: Collection[str], found: Entry | None) -> str:
    if found is None or not same_content(entry, found):
        return "the application has something else or removes it"
    if (entry.kind is not Kind.DIRECTORY or entry.path in altered) and not same_access(entry, found):
        return "the application has it with another owner or mode"
    return ""


def _reasons(moves: Sequence[_Moves], places: Places) -> Iterator[Reason]:
    for position, one in enumerate(moves):
        for entry in one.layer.entries:
            if why := _why(entry, one, places):
                yield Reason(position, entry.path, why)
        for path in (*one.layer.whiteouts, *one.layer.opaques):
            if path in one.moved:
                yield Reason(position, path, f"what is removed there is removed from {_goes(path, one, places)}")


def _why(entry: Entry, moves: _Moves, places: Places) -> str:
    path = entry.path
    if path in moves.dropped and path in places.turned:
        return f"is left out: in the new base it is a link to {places.turned[path]!r}"
    if path in moves.dropped:
        return f"is left out: {moves.place(path)!r} is there as well"
    if path in moves.moved:
        return f"goes to {_goes(path, moves, places)}"
    return f"joins {_goes(entry.link, moves, places)}" if entry.link in moves.moved else ""


def _goes(path: str, moves: _Moves, places: Places) -> str:
    link = places.link_above(path)
    return f"{moves.moved[path]!r}: in the new base {link!r} is a link to {places.turned[link]!r}"


def _sorted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems)))
