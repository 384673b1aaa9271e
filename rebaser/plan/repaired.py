"""What is there once repairs are on top of the stacked layers."""

from collections.abc import Iterable

from rebaser.layers.filesystem import FileSystem, add
from rebaser.layers.index import LayerIndex
from rebaser.oci.digest import DiffId
from rebaser.plan.merge_layer import Repair

_UNWRITTEN = DiffId("")  # of a layer that is only looked at


def repaired(shown: FileSystem, made: Iterable[Repair]) -> FileSystem:
    """Return what the stacked layers show with the repairs on top."""
    listed = tuple(made)
    entries = tuple(repair.entry for repair in listed if repair.entry is not None)
    removed = tuple(repair.path for repair in listed if repair.entry is None)
    return add(shown, (LayerIndex(_UNWRITTEN, entries, removed),))
