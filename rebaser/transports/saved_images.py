"""Which images a tar archive holds that `docker save` wrote, and where their documents and blobs lie in it.

Until Docker 24: `manifest.json` names configs and uncompressed layers, and there are no manifests; they are made up,
each time the same bytes. Since 25: an OCI image layout (image-spec image-layout.md) stands beside it. Where both tell
of an image, it must be the same one. Other writers compress layers, and call their files otherwise.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, StrictStr

from rebaser.layers.limits import UnreadableError
from rebaser.oci import media_types
from rebaser.oci.config import parse_config
from rebaser.oci.descriptor import Descriptor, View, at_most, describe, descriptor
from rebaser.oci.digest import Digest, digest_of, matches, parse_digest
from rebaser.oci.document import MAX_CONFIG, MAX_MANIFEST, Document, new_document, parse_document
from rebaser.oci.manifest import MAX_LAYERS_READ, Index, Manifest, parse_manifest, read_view
from rebaser.oci.reference import full_name
from rebaser.oci.strict_json import Json, JsonObject, parse
from rebaser.transports.tar_file import Extent, TarFile

MAX_IMAGES = 1000
MAX_READ = 64 * 1024 * 1024  # bytes of all documents of an archive together
MAX_LEVELS = 3  # of indexes
NAME = "io.containerd.image.name"
_BLOBS = "blobs/"


class _Item(View):
    """An image as `manifest.json` tells of it."""

    config: StrictStr = Field(alias="Config")
    names: Annotated[tuple[StrictStr, ...], at_most(MAX_IMAGES)] = Field(default=(), alias="RepoTags")
    layers: Annotated[tuple[StrictStr, ...], at_most(MAX_LAYERS_READ)] = Field(default=(), alias="Layers")


@dataclass(frozen=True, slots=True)
class SavedImage:
    """An image and its full names, of which it may have none; `root` is its manifest, or its index."""

    names: tuple[str, ...]
    root: Descriptor


@dataclass(slots=True)
class Saved:
    """What an archive holds. `made` are documents that stand nowhere in it: those that were made up."""

    images: tuple[SavedImage, ...] = ()
    blobs: dict[Digest, Extent] = field(default_factory=dict)
    made: dict[Digest, bytes] = field(default_factory=dict)


def read_saved(tar: TarFile) -> Saved:
    """Return what the archive holds, images in the order in which it lists them.

    Raises:
        UnreadableError: it is no archive of images, or one that two readers could understand differently.
        ImageError: a document in it is broken.
        OSError: it cannot be read.
    """
    return _Reader(tar).saved()


class _Reader:
    def __init__(self, tar: TarFile) -> None:
        self._tar = tar
        self._left = MAX_READ
        self._made: dict[Digest, bytes] = {}
        self._hashed: dict[Extent, Digest] = {}
        self._blobs = dict(self._stored())

    def saved(self) -> Saved:
        items, entries = self._items(), self._entries()
        if items is None and entries is None:
            raise UnreadableError("it has no manifest.json and no index.json, so that no image is in it")
        roots = list(self._roots(entries or ()))
        images = _numbered(roots) if items is None else [self._image(item, roots) for item in items]
        _refuse_shared_names(images)
        return Saved(tuple(images), self._blobs, self._made)

    def _stored(self) -> Iterator[tuple[Digest, Extent]]:
        for name in self._tar.names:
            if name.startswith(_BLOBS) and (extent := self._tar.find(name)):
                try:
                    yield parse_digest(name.removeprefix(_BLOBS).replace("/", ":", 1)), extent
                except ValueError:
                    continue

    def _items(self) -> list[_Item] | None:
        content = self._member("manifest.json")
        if content is None:
            return None
        value = _json("manifest.json", content)
        if not isinstance(value, list) or len(value) > MAX_IMAGES:
            raise UnreadableError(f"manifest.json is not a list of at most {MAX_IMAGES} images")
        return [
            read_view(_Item, Document("", content, _object("manifest.json", one), digest_of(content))) for one in value
        ]

    def _entries(self) -> tuple[Descriptor, ...] | None:
        content = self._member("index.json")
        if content is None:
            return None
        found = parse_manifest(media_types.OCI_INDEX, content, digest_of(content))
        return found.view.manifests if isinstance(found, Index) else ()

    # images of the OCI layout

    def _roots(self, entries: tuple[Descriptor, ...]) -> "Iterator[_Root]":
        for entry in entries:
            whole = self._whole(entry, 0)
            if whole is not None:
                document, configs = whole
                yield _Root(_known_name(entry.notes.get(NAME)), describe(document), configs)

    def _whole(self, told: Descriptor, level: int) -> tuple[Document, frozenset[Digest]] | None:
        """Return a document, of an index that of its images which are here, and the digests of their configs.

        An engine saves an index as it was pulled, though it pulled but one of its platforms.
        """
        extent = self._blobs.get(told.digest)
        if extent is None or extent.size != told.size or level > MAX_LEVELS:
            return None
        found = parse_manifest(told.media_type, self._document(extent, told.digest), told.digest)
        if isinstance(found, Manifest):
            wanted = (found.view.config, *(layer for layer in found.view.layers if not layer.is_foreign))
            here = all(self._has(blob) for blob in wanted)
            return (found.document, frozenset({found.view.config.digest})) if here else None
        return self._whole_index(found, level)

    def _whole_index(self, index: Index, level: int) -> tuple[Document, frozenset[Digest]] | None:
        children = [(entry, self._whole(entry, level + 1)) for entry in index.view.manifests]
        kept = [(entry, child) for entry, child in children if child is not None]
        configs = frozenset(config for _, (_, found) in kept for config in found)
        if all(child is not None and child[0].digest == entry.digest for entry, child in children):
            return index.document, configs
        entries: list[Json] = [
            entry.raw | {"digest": document.digest, "size": document.size} for entry, (document, _) in kept
        ]
        trimmed = new_document(index.document.media_type, index.document.json | {"manifests": entries})
        return (self._keep(trimmed), configs) if kept else None

    def _has(self, blob: Descriptor) -> bool:
        extent = self._blobs.get(blob.digest)
        return extent is not None and extent.size == blob.size

    # images of manifest.json

    def _image(self, item: _Item, roots: "list[_Root]") -> SavedImage:
        names = tuple(dict.fromkeys(filter(None, map(_known_name, item.names))))
        extent = self._required(item.config)
        config = self._document(extent, None)
        digest = digest_of(config)
        mine = [root for root in roots if digest in root.configs]
        wanted = frozenset(names)
        if any(root.name in wanted and digest not in root.configs for root in roots):
            raise UnreadableError(f"manifest.json and index.json call different images {names[0]}")
        named = [root for root in mine if root.name in wanted] or mine
        if named:
            return SavedImage(names, named[0].descriptor)
        self._blobs.setdefault(digest, extent)
        return SavedImage(names, describe(self._keep(self._made_up(item, config, digest))))

    def _made_up(self, item: _Item, config: bytes, digest: Digest) -> Document:
        diff_ids = parse_config(parse_document(media_types.OCI_CONFIG, config, MAX_CONFIG, digest)).diff_ids
        if len(diff_ids) != len(item.layers):
            raise UnreadableError(
                f"{item.config} has {len(diff_ids)} layers, and manifest.json names {len(item.layers)}"
            )
        layers: list[Json] = [
            self._layer(self._required(name), Digest(diff_id)).raw
            for name, diff_id in zip(item.layers, diff_ids, strict=True)
        ]
        told = descriptor(media_types.OCI_CONFIG, digest, len(config)).raw
        manifest: JsonObject = {"schemaVersion": 2, "mediaType": media_types.OCI_MANIFEST, "config": told}
        return new_document(media_types.OCI_MANIFEST, manifest | {"layers": layers})

    def _layer(self, extent: Extent, diff_id: Digest) -> Descriptor:
        head = b"".join(self._tar.chunks(Extent(extent.at, min(extent.size, 4))))
        media_type = _LAYERS.get(head[:2], _LAYERS.get(head, media_types.OCI_LAYER))
        digest = diff_id if media_type == media_types.OCI_LAYER else self._hash(extent)
        self._blobs.setdefault(digest, extent)
        return descriptor(media_type, digest, extent.size)

    def _hash(self, extent: Extent) -> Digest:
        if extent not in self._hashed:
            hasher = hashlib.sha256()
            for chunk in self._tar.chunks(extent):
                hasher.update(chunk)
            self._hashed[extent] = Digest(f"sha256:{hasher.hexdigest()}")
        return self._hashed[extent]

    # documents

    def _member(self, name: str) -> bytes | None:
        extent = self._tar.find(name)
        return None if extent is None else self._tar.read(extent, MAX_MANIFEST)

    def _required(self, name: str) -> Extent:
        extent = self._tar.find(name)
        if extent is None:
            raise UnreadableError(f"manifest.json names {name}, which is not in it")
        return extent

    def _document(self, extent: Extent, digest: Digest | None) -> bytes:
        content = self._tar.read(extent, min(MAX_CONFIG, max(self._left, 0)))
        self._left -= extent.size
        if digest is not None and not matches(content, digest):
            raise UnreadableError(f"{digest} is the name of other bytes")
        return content

    def _keep(self, document: Document) -> Document:
        self._made[document.digest] = document.content
        return document


@dataclass(frozen=True, slots=True)
class _Root:
    name: str | None
    descriptor: Descriptor
    configs: frozenset[Digest]


_LAYERS = {b"\x1f\x8b": media_types.OCI_LAYER_GZIP, b"\x28\xb5\x2f\xfd": media_types.OCI_LAYER_ZSTD}


def _numbered(roots: list[_Root]) -> list[SavedImage]:
    """Return one image for each document, with all names that it has."""
    by_digest: dict[Digest, list[_Root]] = {}
    for root in roots:
        by_digest.setdefault(root.descriptor.digest, []).append(root)
    return [SavedImage(tuple(r.name for r in same if r.name), same[0].descriptor) for same in by_digest.values()]


def _refuse_shared_names(images: list[SavedImage]) -> None:
    owners: dict[str, Digest] = {}
    for image in images:
        for name in image.names:
            if owners.setdefault(name, image.root.digest) != image.root.digest:
                raise UnreadableError(f"it gives several images the name {name}")


def _known_name(text: str | None) -> str | None:
    """Return the full name, None for what is none, such as `<none>:<none>`."""
    try:
        return full_name(text) if text else None
    except ValueError:
        return None


def _json(name: str, content: bytes) -> Json:
    try:
        return parse(content, MAX_MANIFEST)
    except ValueError as error:
        raise UnreadableError(f"{name}: {error}") from error


def _object(name: str, value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise UnreadableError(f"{name} lists what is not an object")
    return value
