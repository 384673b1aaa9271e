"""What the layers show of one platform: the images before and after, each as its containers see it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rebaser.layers.entry import Entry, Kind
from rebaser.layers.filesystem import FileSystem, add, stack
from rebaser.layers.index import LayerIndex
from rebaser.oci.strict_json import JsonObject
from rebaser.plan.model import Base, Draft, PlatformPlan
from rebaser.plan.replay import read_replay
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

    @cached_property
    def own(self) -> Mapping[str, Entry]:
        """Return what the application's layers put there and is still seen, in the rebased image, by path."""
        first = self.new.files.layers
        return {path: node.entry for path, node in self.rebased.files.nodes.items() if node.layer >= first and path}

    @cached_property
    def own_files(self) -> tuple[Entry, ...]:
        """Return the application's own regular files."""
        return tuple(entry for entry in self.own.values() if entry.kind is Kind.FILE)

    @cached_property
    def made_by(self) -> tuple[str, ...]:
        """Return the instruction that made each of the application's layers; empty where history does not tell."""
        history = self.draft.seam.app_history
        replay = read_replay(history) if history is not None else None
        told = tuple(step.keyword for step in replay.instructions if step.made_layer) if replay else ()
        return told if len(told) == len(self.app_layers) else ("",) * len(self.app_layers)

    def destination(self, path: str) -> str | None:
        """Return where COPY or ADD was told to put a path, without slashes around; None where history does not tell."""
        layer = self.rebased.files.nodes[path].layer - self.new.files.layers
        told = self._arguments[layer]
        destination = told.removesuffix("# buildkit").strip().rpartition(" ")[2]
        return destination.strip("/") if destination.startswith("/") else None

    @cached_property
    def _arguments(self) -> tuple[str, ...]:
        """Return what COPY or ADD was told, for each of the application's layers; empty for others."""
        history = self.draft.seam.app_history
        replay = read_replay(history) if history is not None else None
        steps = [step for step in replay.instructions if step.made_layer] if replay else []
        if len(steps) != len(self.app_layers):
            return ("",) * len(self.app_layers)
        return tuple(step.arguments if step.keyword in ("COPY", "ADD") else "" for step in steps)

    def is_copied(self, path: str) -> bool:
        """Answer whether COPY or ADD put a path there: a rebuild puts the same, whatever the base holds."""
        layer = self.rebased.files.nodes[path].layer - self.new.files.layers
        return self.made_by[layer] in ("COPY", "ADD")

    @cached_property
    def removed(self) -> frozenset[str]:
        """Return the paths that the application's layers remove from below and do not put back."""
        return frozenset(path for layer in self.app_layers for path in layer.whiteouts if path not in self.own)

    def shadowed(self) -> Iterator[tuple[Entry, Entry | None, Entry | None]]:
        """Yield the application's entries over what a base has at that path: its own, the old and the new base's."""
        for path, entry in self.own.items():
            old, new = self.old.files.entry(path), self.new.files.entry(path)
            if old is not None or new is not None:
                yield entry, old, new


@dataclass(frozen=True, slots=True)
class Indexes:
    """The layers of one platform's images, as they were read, base first."""

    old: tuple[LayerIndex, ...]
    new: tuple[LayerIndex, ...]
    app: tuple[LayerIndex, ...]


def gather_evidence(plan: PlatformPlan, draft: Draft, indexes: Indexes) -> Evidence:
    """Return the evidence for a plan whose layers have been read."""
    old, new = stack(indexes.old), stack(indexes.new)
    return Evidence(
        plan,
        draft,
        System(old, _settings(plan.old_base)),
        System(add(old, indexes.app), plan.original.config.settings),
        System(new, _settings(plan.new_base)),
        _rebased(new, indexes.app, draft),
        indexes.app,
    )


def _rebased(new: FileSystem, app: tuple[LayerIndex, ...], draft: Draft) -> System:
    settings = draft.config.get("config")
    return System(add(new, app), settings if isinstance(settings, dict) else {})


def _settings(base: Base | None) -> JsonObject:
    return base.image.config.settings if base is not None and base.image is not None else {}
