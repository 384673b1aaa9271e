"""What is there once repairs are on top of the stacked layers."""

from collections.abc import Mapping
from dataclasses import dataclass

from rebaser.layers.entry import Entry
from rebaser.layers.filesystem import FileSystem
from rebaser.plan.merge_layer import Repair


@dataclass(frozen=True, slots=True)
class Repaired:
    """The stacked layers as they show, and what is put on top of them, by path."""

    shown: FileSystem
    made: Mapping[str, Repair]

    def __contains__(self, path: str) -> bool:
        """Answer whether a path leads to something; links are followed as the stacked layers have them."""
        real = self.shown.real_path(path)
        if real is None:
            place = self.shown.place(path)
            return place in self.made and self.made[place].entry is not None
        return real not in self.made or self.made[real].entry is not None

    def entry(self, path: str) -> Entry | None:
        """Return what stands at the path itself, links not followed."""
        return self.made[path].entry if path in self.made else self.shown.entry(path)
