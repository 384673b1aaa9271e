"""The values that planning takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from rebaser.oci.config import HistoryEntry
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest
from rebaser.oci.document import Document
from rebaser.oci.image import Image, Layer
from rebaser.oci.manifest import Index
from rebaser.oci.reference import Reference, Repository
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.request import ManifestFormat, OnConflict

if TYPE_CHECKING:  # start-up: layers are not looked into before there is something to compare
    from rebaser.layers.changes import Changes
    from rebaser.plan.merge_layer import Repair
    from rebaser.plan.relocation import Reason

Side = Literal["app", "new"]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Sides(Generic[Value]):
    """One thing as the old base, the application and the new base have it."""

    old: Value
    app: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Base:
    """A base image for one platform, and how it is known.

    `image` is None for `scratch`, which has no layers and an empty config. `digest` is what the reference resolved
    to: of the index, where the base is one; `image` is then that index' image for the platform.
    """

    reference: Reference | None
    digest: Digest | None
    image: Image | None
    found: str = "input"

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Return the layers, base first."""
        return self.image.layers if self.image else ()

    @property
    def digests(self) -> frozenset[Digest]:
        """Return the digests under which the base may have been recorded: the index', and the manifest's."""
        own = {self.image.manifest.document.digest} if self.image else set()
        return frozenset(own | ({self.digest} if self.digest else set()))


@dataclass(frozen=True, slots=True)
class Trio:
    """The three images of one platform."""

    original: Image
    old_base: Base
    new_base: Base


class Weight(Enum):
    """How much a conflict matters."""

    NOTE = "note"  # the result is what a rebuild gives; worth knowing
    WARNING = "warning"  # two values were possible; one was taken by a rule that may be wrong
    BLOCKER = "blocker"  # the value cannot be settled from configs alone


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that could not simply be taken from the one side that changed it.

    `pointer` is the JSON pointer into the config; `key` the variable or label, where there is one.
    """

    kind: str
    pointer: str
    key: str
    message: str
    values: Sides[Json]
    kept: Json
    weight: Weight = Weight.WARNING


@dataclass(frozen=True, slots=True)
class Seam:
    """Where the old base ends in the original: the number of its layers; and the application's own history entries.

    `app_history` is None where history proves nothing: it is absent or incomplete, or the base's does not begin it.
    `merge_layers` are the positions of layers that an earlier rebase put on top; they are made anew, and their
    entries are not in `app_history`.
    """

    layers: int
    app_history: tuple[HistoryEntry, ...] | None
    merge_layers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Unrelated:
    """The original does not stand on the old base: where the layers part, and how many the old base has."""

    matching: int
    base_layers: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user decides of the result; `created` is SOURCE_DATE_EPOCH, in seconds since 1970.

    With `merge_layer`, what both the application's layers and the new base changed is put right in a layer on top;
    with `sbom`, the result's packages are listed.
    """

    on_conflict: OnConflict = "app"
    manifest_format: ManifestFormat = "oci"
    created: int | None = None
    merge_layer: bool = True
    sbom: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What only the layers tell of the config: what was open without them.

    `follows` are members (WorkingDir, User) that no layer depends on, so that the new base's value is taken.
    `holds` are variables whose old value names a path with files of the application; their value stays.
    `rewritten` are variables in which a path of the old base stood that now has the name of the new base's.
    """

    follows: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    rewritten: Mapping[str, str] = field(default_factory=dict)


NOTHING_SEEN = Seen()


@dataclass(frozen=True, slots=True)
class AppLayer:
    """One of the application's layers as it is to stand on the new base.

    `original` is the layer that a rebase, this one or an earlier one, had to change; None where none had to. `changes`
    are what this one changes in `original`, with the `reasons`; None where `layer` is stored already.
    """

    layer: Layer
    original: Layer | None = None
    changes: "Changes | None" = None
    reasons: "tuple[Reason, ...]" = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """One platform's rebased image, before it is a document. Metadata only."""

    trio: Trio
    seam: Seam
    layers: tuple[Layer, ...]
    config: JsonObject
    patch: tuple[JsonObject, ...]
    conflicts: tuple[Conflict, ...]
    app: tuple[AppLayer, ...] = ()
    top: "Made | None" = None


@dataclass(frozen=True, slots=True)
class Made:
    """A layer that was made here, the bytes of its blob, what the history says of it, and what it does by path."""

    layer: Layer
    content: bytes
    created_by: str
    repairs: "tuple[Repair, ...]" = ()


def app_layers(original: Image, seam: Seam) -> tuple[Layer, ...]:
    """Return the application's own layers: those above the base, without what an earlier rebase put on top."""
    return tuple(
        layer
        for position, layer in enumerate(original.layers)
        if position >= seam.layers and position not in seam.merge_layers
    )


@dataclass(frozen=True, slots=True)
class Rejection:
    """A base that was named and is not the image's: where it was named, and why not; `gone` when it can't be had."""

    what: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class PlatformPlan:
    """One platform: what was found of it, and what is to become of it.

    `current` says in words why nothing is to be done, and is empty where something is. Without `old_base` the base is
    unknown; without a `draft`, and where it is not current, there is no way to rebase it. `unread` says why its layers
    could not be looked into, and is empty where they could, or were not to be.
    """

    path: tuple[int, ...]
    original: Image
    new_base: Base
    old_base: Base | None = None
    rejected: tuple[Rejection, ...] = ()
    current: str = ""
    seam: Seam | Unrelated | None = None
    draft: Draft | None = None
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry of an index that stays as it is: of a platform that is not wanted, an attestation, or no image."""

    descriptor: Descriptor


@dataclass(frozen=True, slots=True)
class Child:
    """An image for one platform; `descriptor` is its entry in the index that holds it."""

    descriptor: Descriptor | None
    image: Image


@dataclass(frozen=True, slots=True)
class Branch:
    """An index and what it holds, in its order."""

    descriptor: Descriptor | None
    index: Index
    entries: "tuple[Node, ...]"


Node: TypeAlias = Kept | Child | Branch
"""An image as it is in the registry: one manifest, or a tree of indexes. A place in it is a path of positions."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A layer that is another one, changed; it is made of that one whenever its bytes are wanted."""

    original: Descriptor
    changes: "Changes"


@dataclass(frozen=True, slots=True)
class BlobMove:
    """A blob that the result refers to: the repository that has it, or its content if it was made here.

    Where it is `rewritten`, `source` is the repository that has the layer it is made of.
    """

    descriptor: Descriptor
    source: Repository | None = None
    content: bytes | None = None
    rewritten: Rewritten | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every byte to be written, in order: blobs, then documents, children before parents and the root last.

    `kept` are entries of indexes that must be there too, where the result goes to another repository. `referrers` are
    manifests that say something of one of the documents, and come after them.
    """

    blobs: tuple[BlobMove, ...]
    documents: tuple[Document, ...]
    kept: tuple[Descriptor, ...]
    notices: tuple[str, ...]
    referrers: tuple[Document, ...] = ()

    @property
    def root(self) -> Document:
        """Return the document that tags will name."""
        return self.documents[-1]
