"""The application's layers as they stand on the new base, and where the paths of the original are now."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rebaser.layers.entry import parents_of
from rebaser.layers.filesystem import FileSystem
from rebaser.layers.index import LayerIndex
from rebaser.plan.model import AppLayer
from rebaser.plan.places import Problem, named


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


class Ways(NamedTuple):
    """Directories of the base that was started from which are links, with what those lead to: in the original, now."""

    before: Mapping[str, str]
    now: Mapping[str, str]


def former_paths(ways: Ways, start: FileSystem, app: Iterable[LayerIndex], original: FileSystem) -> dict[str, str]:
    """Return by path in the rebased image the one in the original of all that the layers name and of the base's files.

    `start` and `app` are the base and the layers that were started from. What the original has at the new path too
    counts there, where a layer put it.
    """
    own = dict.fromkeys(path for layer in app for path in named(layer))
    found: dict[str, str] = {}
    for path in (*own, *_below(ways.now, start)):
        now, before = through(ways.now, path), through(ways.before, path)
        if now != before:
            found.setdefault(now, before)
    there = original.nodes
    return {now: before for now, before in found.items() if now not in there or there[now].layer < start.layers}


def through(turned: Mapping[str, str], path: str) -> str:
    """Return where a path leads when the directories that are `turned` are links; its last part is not followed."""
    links = [directory for directory in parents_of(path) if directory in turned]
    inner = max(links, key=len, default="")
    return turned[inner] + path[len(inner) :] if inner else path


def _below(turned: Mapping[str, str], files: FileSystem) -> Iterator[str]:
    for directory in turned:
        if directory in files:
            yield from (entry.path for entry in files.below(directory))
