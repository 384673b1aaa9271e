"""The application's layers as they stand on the new base, and where the paths of the original are now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rebaser.layers.entry import parents_of
from rebaser.layers.filesystem import FileSystem
from rebaser.layers.index import LayerIndex
from rebaser.plan.model import AppLayer
from rebaser.plan.places import Problem


@dataclass(frozen=True, slots=True)
class Adapted:
    """The layers and their indexes, base first; what should have been changed in them and cannot be.

    `former` gives, by path in the rebased image, the path that it had in the original, where that is another one.
    `is_change` tells whether any layer is another one than the original has, or has a record that stays.
    """

    layers: tuple[AppLayer, ...] = ()
    indexes: tuple[LayerIndex, ...] = ()
    problems: tuple[Problem, ...] = ()
    former: Mapping[str, str] = field(default_factory=dict)
    is_change: bool = False


NOT_ADAPTED = Adapted()


def former_paths(turned: Mapping[str, str], old: FileSystem, original: FileSystem) -> dict[str, str]:
    """Return by new path the old one of all that stood below a directory that is a link now.

    `turned` are these directories, with what the links lead to. Of two paths that are one now, the application's own
    counts, and then the longer way.
    """
    found: dict[str, str] = {}
    for former in _below(turned, original, old):
        place = through(turned, former)
        known = found.setdefault(place, former)
        own = original.nodes.get(former)
        if known != former and own is not None and own.layer >= old.layers:
            found[place] = former
    return {
        place: former
        for place, former in found.items()
        if place not in original or original.nodes[place].layer < old.layers
    }


def through(turned: Mapping[str, str], path: str) -> str:
    """Return where a path leads when the directories that are `turned` are links; its last part is not followed."""
    links = [directory for directory in parents_of(path) if directory in turned]
    inner = max(links, key=len, default="")
    return turned[inner] + path[len(inner) :] if inner else path


def _below(turned: Mapping[str, str], *systems: FileSystem) -> Iterator[str]:
    for files in systems:
        for directory in turned:
            if directory in files:
                yield from (entry.path for entry in files.below(directory))
