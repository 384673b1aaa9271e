"""A manifest that says something of another one: what it is about, what it is, and the blobs that say it.

image-spec manifest.md, "Guidelines for Artifact Usage".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rebaser.oci import media_types
from rebaser.oci.descriptor import describe
from rebaser.oci.document import Document, new_document
from rebaser.oci.strict_json import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Leaf:
    """One blob of an artifact and its annotations; the document's media type is the one that it is stored under."""

    document: Document
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A manifest with a subject, and the documents that must be stored as blobs before it."""

    manifest: Document
    blobs: tuple[Document, ...]


def artifact(kind: str, subject: Document, leaves: Sequence[Leaf], notes: Mapping[str, str]) -> Artifact:
    """Return the artifact of the type `kind` that says `leaves` of `subject`."""
    nothing = new_document(media_types.OCI_EMPTY, {})
    raw: JsonObject = {"schemaVersion": 2, "mediaType": media_types.OCI_MANIFEST, "artifactType": kind}
    raw["config"] = describe(nothing).raw
    raw["layers"] = [_layer(leaf) for leaf in leaves]
    raw["subject"] = describe(subject).raw
    if notes:
        raw["annotations"] = dict[str, Json](notes)
    return Artifact(new_document(media_types.OCI_MANIFEST, raw), (nothing, *(leaf.document for leaf in leaves)))


def _layer(leaf: Leaf) -> JsonObject:
    told = describe(leaf.document).raw
    return told | {"annotations": dict[str, Json](leaf.notes)} if leaf.notes else told
