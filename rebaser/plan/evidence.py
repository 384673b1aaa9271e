"""What the layers show of one platform: the images before and after, each as its containers see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rebaser.layers.entry import Entry, Kind, same_content
from rebaser.layers.filesystem import FileSystem, add, stack
from rebaser.layers.index import LayerIndex
from rebaser.oci.strict_json import JsonObject
from rebaser.plan.adapted import NOT_ADAPTED, Adapted
from rebaser.plan.merge_layer import NOTHING_MERGED, MergeLayer
from rebaser.plan.model import NOTHING_SEEN, Base, Draft, PlatformPlan, Seen
from rebaser.plan.replay import Instruction, read_replay
from rebaser.plan.settlement import NOTHING_SETTLED, Settlement
from rebaser.plan.sources import Place
from rebaser.system.model import System


@dataclass(frozen=True)
class Evidence:
    """The old base, the original, the new base and what a rebase would come to; and the application's own layers.

    Checks compare `rebased` with `original`: what is wrong in both is not the rebase's doing.
    """

    plan: PlatformPlan
    draft: Draft
    old: System
    original: System
    new: System
    rebased: System
    app_layers: tuple[LayerIndex, ...]
    merge: MergeLayer = NOTHING_MERGED
    seen: Seen = NOTHING_SEEN
    adapted: Adapted = NOT_ADAPTED
    settlement: Settlement = NOTHING_SETTLED

    def system(self, place: Place) -> System:
        """Return one of the three images as they were: the old base, the original, the new base."""
        return {"old": self.old, "app": self.original, "new": self.new}[place]

    def former(self, path: str) -> str:
        """Return the path that something of the rebased image had in the old base and in the original."""
        return self.adapted.former.get(path, path)

    @cached_property
    def own(self) -> Mapping[str, Entry]:
        """Return what the application's layers put there and is still seen, in the rebased image, by path."""
        own = range(self.new.files.layers, self.new.files.layers + len(self.app_layers))
        return {path: node.entry for path, node in self.rebased.files.nodes.items() if node.layer in own and path}

    @cached_property
    def own_files(self) -> tuple[Entry, ...]:
        """Return the application's own regular files."""
        return tuple(entry for entry in self.own.values() if entry.kind is Kind.FILE)

    @cached_property
    def made_by(self) -> tuple[Instruction | None, ...]:
        """Return the instruction that made each of the application's layers; None where history does not tell."""
        history = self.draft.seam.app_history
        replay = read_replay(history) if history is not None else None
        told = tuple(step for step in replay.instructions if step.made_layer) if replay else ()
        return told if len(told) == len(self.app_layers) else (None,) * len(self.app_layers)

    def copied_by(self, path: str) -> Instruction | None:
        """Return the COPY or ADD that put an own path's content there: a rebuild puts the same, whatever the base."""
        layer = self.rebased.files.nodes[path].layer - self.new.files.layers
        step = self.made_by[_origin(path, layer, self._contents)] if 0 <= layer < len(self.app_layers) else None
        return step if step is not None and step.keyword in ("COPY", "ADD") else None

    def is_copied(self, path: str) -> bool:
        """Answer whether COPY or ADD put the content of an own path there."""
        return self.copied_by(path) is not None

    def destination(self, path: str) -> str | None:
        """Return where COPY or ADD was told to put a path, without slashes around; None where history does not tell."""
        step = self.copied_by(path)
        told = step.arguments.removesuffix("# buildkit").strip().rpartition(" ")[2] if step else ""
        return told.strip("/") if told.startswith("/") else None

    @cached_property
    def _contents(self) -> tuple[Mapping[str, Entry], ...]:
        return tuple({entry.path: entry for entry in layer.entries} for layer in self.app_layers)

    @cached_property
    def joined(self) -> Mapping[str, str]:
        """Return the paths at which the application put another name of a base's file, with the path of that file."""
        links = (entry for layer in self.app_layers for entry in layer.entries if entry.kind is Kind.HARD_LINK)
        pairs = ((entry.path, entry.link) for entry in links)
        both = [(one, other) for pair in pairs for one, other in (pair, pair[::-1])]
        base = self.old.files.nodes
        return {one: other for one, other in both if one not in base and other in base and one in self.own}

    @cached_property
    def removed(self) -> frozenset[str]:
        """Return the paths that the application's layers remove from below and do not put back."""
        return frozenset(path for layer in self.app_layers for path in layer.whiteouts if path not in self.own)

    def shadowed(self) -> Iterator[tuple[Entry, Entry | None, Entry | None]]:
        """Yield the application's entries over what a base has at that path: its own, the old and the new base's.

        Not those that were to be merged and could not be, which are findings of their own.
        """
        for path, entry in self.own.items():
            old, new = self.old.files.entry(path), self.new.files.entry(path)
            if (old is not None or new is not None) and path not in self.merge.unmerged:
                yield entry, old, new


def _origin(path: str, layer: int, contents: Sequence[Mapping[str, Entry]]) -> int:
    """Return the layer that brought the content which a later one may only have given another owner or mode."""
    entry = contents[layer].get(path)
    for below in range(layer - 1, -1, -1):
        other = contents[below].get(path)
        if entry is not None and other is not None and entry.kind is Kind.FILE:
            if not same_content(entry, other):
                break
            layer = below
    return layer


@dataclass(frozen=True, slots=True)
class Indexes:
    """The layers of one platform's images, as they were read, base first.

    `app` are all above the old base's, also those that an earlier rebase put on top.
    """

    old: tuple[LayerIndex, ...]
    new: tuple[LayerIndex, ...]
    app: tuple[LayerIndex, ...]


def gather_evidence(plan: PlatformPlan, draft: Draft, indexes: Indexes) -> Evidence:
    """Return the evidence for a plan whose layers have been read."""
    old, new = stack(indexes.old), stack(indexes.new)
    below, merged = draft.seam.layers, draft.seam.merge_layers
    app = tuple(layer for position, layer in enumerate(indexes.app, below) if position not in merged)
    return Evidence(
        plan,
        draft,
        System(old, _settings(plan.old_base)),
        System(add(old, indexes.app), plan.original.config.settings),
        System(new, _settings(plan.new_base)),
        _rebased(new, app, draft),
        app,
    )


def _rebased(new: FileSystem, app: tuple[LayerIndex, ...], draft: Draft) -> System:
    settings = draft.config.get("config")
    return System(add(new, app), settings if isinstance(settings, dict) else {})


def _settings(base: Base | None) -> JsonObject:
    return base.image.config.settings if base is not None and base.image is not None else {}
