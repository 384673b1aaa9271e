"""The merge layer: one layer on top that puts right what both the application's layers and the new base changed.

Deterministic: paths in order, no clock, no compression. It holds only what was worked out here, and the directories
above that, with the owner and mode that they have anyway.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rebaser.layers.entry import Entry, Kind, parents_of
from rebaser.layers.filesystem import FileSystem
from rebaser.layers.index import LayerIndex, index_layer
from rebaser.layers.writing import END, whiteout, written
from rebaser.mergers.stored_gzip import stored_gzip
from rebaser.oci import annotations
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest, parse_diff_id, parse_digest
from rebaser.oci.image import Layer
from rebaser.oci.media_types import OCI_LAYER_GZIP
from rebaser.plan.model import Made, Sides
from rebaser.printable import printable

_NAMED = 3  # paths that the history entry names


class Action(StrEnum):
    """What the merge layer does about a path."""

    MERGED = "merged"
    TAKEN = "taken"
    KEPT = "kept"
    REMOVED = "removed"
    ACCESS = "access"


NO_DIGESTS: Sides[str | None] = Sides(None, None, None)


@dataclass(frozen=True, slots=True)
class Repair:
    """What stands at a path of the merge layer, None where it removes something; and why.

    `digests` are the sha256 of the path's content in the old base, the original and the new base, in hexadecimal,
    None where there is no file.
    """

    path: str
    action: Action
    why: str
    entry: Entry | None
    content: bytes = b""
    modified: int = 0
    digests: Sides[str | None] = NO_DIGESTS

    @property
    def result(self) -> str | None:
        """Return the sha256 of what is there now, None where that is no file."""
        is_file = self.entry is not None and self.entry.kind is Kind.FILE
        return hashlib.sha256(self.content).hexdigest() if is_file else None


@dataclass(frozen=True, slots=True)
class Unmerged:
    """A path that both sides changed and that could not be merged; `why` says what stands against it."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class MergeLayer:
    """What was put right, what could not be, and the layer that does it: None where nothing had to be."""

    repairs: tuple[Repair, ...] = ()
    conflicts: tuple[Unmerged, ...] = ()
    made: Made | None = None
    index: LayerIndex | None = None

    @property
    def unmerged(self) -> frozenset[str]:
        """Return the paths that could not be merged."""
        return frozenset(one.path for one in self.conflicts)


NOTHING_MERGED = MergeLayer()


def merge_layer(repairs: Iterable[Repair], conflicts: Iterable[Unmerged], below: FileSystem) -> MergeLayer:
    """Return the layer that makes `repairs` to what the layers `below` show."""
    made, told = sorted(repairs, key=lambda repair: repair.path), tuple(conflicts)
    if not made:
        return MergeLayer((), told)
    archive = b"".join(_members(made, below)) + END
    blob = stored_gzip(archive)
    diff_id = parse_diff_id(f"sha256:{hashlib.sha256(archive).hexdigest()}")
    layer = Layer(_descriptor(blob), diff_id)
    index = index_layer([blob], diff_id)
    return MergeLayer(tuple(made), told, Made(layer, blob, _said(made), tuple(made)), index)


def _members(repairs: Iterable[Repair], below: FileSystem) -> Iterator[bytes]:
    own = {repair.path: repair for repair in repairs}
    parents = {parent for path in own for parent in parents_of(path)}
    for path in sorted({*own, *parents}):
        repair = own.get(path)
        if repair is not None and repair.entry is None:
            yield whiteout(path)
        else:
            entry = repair.entry if repair is not None and repair.entry is not None else _directory(path, below)
            yield written(entry, repair.content if repair else b"", repair.modified if repair else 0)


def _directory(path: str, below: FileSystem) -> Entry:
    return below.entry(path) or Entry(path, Kind.DIRECTORY, 0o755)


def _descriptor(blob: bytes) -> Descriptor:
    digest: Digest = parse_digest(f"sha256:{hashlib.sha256(blob).hexdigest()}")
    notes: Mapping[str, str] = {annotations.MERGE_LAYER: "1"}
    return Descriptor.model_validate(
        {"mediaType": OCI_LAYER_GZIP, "digest": digest, "size": len(blob), "annotations": dict(notes)}
    )


def _said(repairs: list[Repair]) -> str:
    """Return what the history says of the layer, for people."""
    files = [repair.path for repair in repairs if repair.action is not Action.ACCESS] or [repairs[0].path]
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return (
        f"rebaser: put in order for the new base: {', '.join(printable(f'/{path}') for path in files[:_NAMED])}{more}"
    )
