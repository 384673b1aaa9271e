"""Manifests and indexes, as read-only views of the documents they came as. image-spec manifest.md, image-index.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import Field, StrictInt, StrictStr, ValidationError

from rebaser.errors import ImageError
from rebaser.oci import media_types
from rebaser.oci.descriptor import Descriptor, View, at_most
from rebaser.oci.digest import Digest
from rebaser.oci.document import MAX_MANIFEST, Document, invalid, parse_document
from rebaser.printable import printable

MAX_INDEX_ENTRIES = 200
MAX_LAYERS_READ = 1000  # far above what any engine runs; bounds what a hostile manifest makes us do


class ManifestView(View):
    """One image for one platform: a config and its layers, base first."""

    schema_version: Annotated[StrictInt, Field(ge=2, le=2)] = Field(alias="schemaVersion")
    media_type: StrictStr | None = Field(default=None, alias="mediaType")
    artifact_type: StrictStr | None = Field(default=None, alias="artifactType")
    config: Descriptor
    layers: Annotated[tuple[Descriptor, ...], at_most(MAX_LAYERS_READ)]
    annotations: Mapping[StrictStr, StrictStr] | None = None
    subject: Descriptor | None = None

    @property
    def notes(self) -> Mapping[str, str]:
        """Return the annotations; none when there are none."""
        return self.annotations or {}


class IndexView(View):
    """Manifests, and indexes, for several platforms."""

    schema_version: Annotated[StrictInt, Field(ge=2, le=2)] = Field(alias="schemaVersion")
    media_type: StrictStr | None = Field(default=None, alias="mediaType")
    artifact_type: StrictStr | None = Field(default=None, alias="artifactType")
    manifests: Annotated[tuple[Descriptor, ...], at_most(MAX_INDEX_ENTRIES)]
    annotations: Mapping[StrictStr, StrictStr] | None = None
    subject: Descriptor | None = None

    @property
    def notes(self) -> Mapping[str, str]:
        """Return the annotations; none when there are none."""
        return self.annotations or {}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest's document and what it says."""

    document: Document
    view: ManifestView


@dataclass(frozen=True, slots=True)
class Index:
    """An index's document and what it says."""

    document: Document
    view: IndexView


def parse_manifest(announced: str | None, content: bytes, digest: Digest) -> Manifest | Index:
    """Return what `content` is, by what is in it; `announced` is the Content-Type or descriptor's media type, if any.

    A text that can be read both as a manifest and as an index is refused, whatever the letter case
    (CVE-2021-41190), and so is one whose own media type is not the announced one.

    Raises:
        ImageError: `document-invalid`, or `media-type-unsupported` for schema 1.
    """
    document = parse_document("", content, MAX_MANIFEST, digest)
    media_type = _media_type(document, announced)
    typed = Document(media_type, content, document.json, document.digest)
    if media_type in media_types.INDEXES:
        return Index(typed, read_view(IndexView, typed))
    return Manifest(typed, read_view(ManifestView, typed))


ViewType = TypeVar("ViewType", bound=View)


def read_view(view: type[ViewType], document: Document) -> ViewType:
    """Return `document` seen as `view`.

    Raises:
        ImageError: `document-invalid`, naming the member that is wrong.
    """
    try:
        return view.model_validate(document.json)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        member = ".".join(str(part) for part in first["loc"]) or "it"
        raise invalid(f"{member}: {first['msg'].removeprefix('Value error, ')}", document.digest) from error


def _media_type(document: Document, announced: str | None) -> str:
    inside = document.json.get("mediaType")
    if inside is not None and not isinstance(inside, str):
        raise invalid("mediaType is not a string", document.digest)
    announced = _telling(announced)
    _refuse_schema1(document, inside, announced)
    media_type = inside or announced
    if announced and inside and inside != announced:
        raise invalid(f"it says it is {inside}, but it was announced as {announced}", document.digest)
    if media_type and media_type not in media_types.ACCEPT:
        raise _unsupported(f"The document {document.digest} is of the type {printable(media_type)}", "rebased")
    inferred = _inferred(document)
    media_type = media_type or inferred
    if (media_type in media_types.INDEXES) != (inferred in media_types.INDEXES):
        raise invalid(f"it is called {media_type}, and holds something else", document.digest)
    return media_type


def _telling(announced: str | None) -> str | None:
    """Return an announced media type without its parameters, None for one that says nothing of the content."""
    bare = (announced or "").partition(";")[0].strip().lower()
    return None if bare in ("", "application/json", "application/octet-stream", "text/plain") else bare


def _inferred(document: Document) -> str:
    names = {key.casefold() for key in document.json}  # not lower(): Go takes U+017F for an s
    has_index, has_manifest = "manifests" in names, bool(names & {"config", "layers"})
    if has_index and has_manifest:
        raise invalid("it can be read as a manifest and as an index", document.digest)
    if not has_index and not has_manifest:
        raise invalid("it is neither a manifest nor an index", document.digest)
    return media_types.OCI_INDEX if has_index else media_types.OCI_MANIFEST


def _refuse_schema1(document: Document, inside: str | None, announced: str | None) -> None:
    if document.json.get("schemaVersion") == 1 or {inside, announced} & set(media_types.SCHEMA1):
        raise _unsupported(f"{document.digest} is a Docker schema 1 manifest, a format withdrawn in 2017", "read")


def _unsupported(what: str, verb: str) -> ImageError:
    return ImageError(
        "media-type-unsupported",
        f"{what}, which cannot be {verb}",
        "Name an OCI or Docker schema 2 image in `image`, `old-base` and `new-base`; push it with a current tool.",
    )
