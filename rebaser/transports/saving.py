"""The bytes of an archive of images that every `docker load`, podman and skopeo read.

An OCI image layout (image-spec image-layout.md), which Docker reads since 25, and beside it the `manifest.json` that
older ones and the others read. The same images give the same bytes: no times, no owners, blobs by digest.
"""

import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rebaser.oci import media_types
from rebaser.oci.annotations import REF_NAME
from rebaser.oci.descriptor import Descriptor, describe
from rebaser.oci.digest import Digest, algorithm, encoded
from rebaser.oci.document import MAX_CONFIG, Document, parse_document
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.platform import Platform
from rebaser.oci.reference import familiar_name
from rebaser.oci.strict_json import Json, JsonObject, write
from rebaser.transports.base import BlobSource, read_blob
from rebaser.transports.saved_images import MAX_LEVELS, NAME, SavedImage

USUAL = Platform("linux", "amd64")
_END = bytes(tarfile.RECORDSIZE)
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Piece:
    """A manifest or an index with what it says, and the platform that an index gives it."""

    found: Manifest | Index
    told: Descriptor


def with_name(images: Sequence[SavedImage], name: str, document: Document) -> tuple[SavedImage, ...]:
    """Return `images` with `document` called `name`; what had no other name is gone, and its place is the new one's."""
    root, position = describe(document), len(images)
    rest: list[SavedImage] = []
    for image in images:
        if name in image.names and image.root.digest != root.digest:
            position = len(rest)
            left = tuple(other for other in image.names if other != name)
            rest += [replace(image, names=left)] if left else []
        else:
            rest.append(image)
    for at, image in enumerate(rest):
        if image.root.digest == root.digest:
            rest[at] = image if name in image.names else replace(image, names=(*image.names, name))
            return tuple(rest)
    return (*rest[:position], SavedImage((name,), root), *rest[position:])


def in_place(images: Sequence[SavedImage], position: int, document: Document) -> tuple[SavedImage, ...]:
    """Return `images` with `document` at a position, under the names of what was there.

    Raises:
        IndexError: the position is beyond the end.
    """
    if position > len(images):
        raise IndexError(position)
    names = images[position].names if position < len(images) else ()
    return (*images[:position], SavedImage(names, describe(document)), *images[position + 1 :])


def archive(images: Sequence[SavedImage], source: BlobSource, wanted: Platform = USUAL) -> Iterator[bytes]:
    """Yield the archive of `images`, which are all in `source`.

    Of an image for several platforms, `manifest.json` can name but one: the `wanted` one, or else the first.

    Raises:
        ImageNotFound, ImageError, TransportError: something cannot be read, so that the archive is not whole.
    """
    trees = [tuple(_tree(source, image.root, 0)) for image in images]
    items = [item for image, tree in zip(images, trees, strict=True) if (item := _item(image, tree, source, wanted))]
    yield from _file("oci-layout", write({"imageLayoutVersion": "1.0.0"}))
    yield from _file("index.json", write(_index(images)))
    yield from _file("manifest.json", write([*items]))
    documents = {piece.told.digest: piece.found.document.content for tree in trees for piece in tree}
    blobs = {blob.digest: blob for tree in trees for piece in tree for blob in _blobs(piece.found)}
    for digest in sorted(documents.keys() | blobs.keys()):
        if digest in documents:
            yield from _file(_path(digest), documents[digest])
        else:
            yield from _blob(blobs[digest], source)
    yield _END


def chosen(image: Descriptor, source: BlobSource, wanted: Platform = USUAL) -> Manifest | None:
    """Return the manifest of `image` that `manifest.json` names; None where there is no container image."""
    return _chosen(tuple(_tree(source, image, 0)), source, wanted)


def platforms(image: Descriptor, source: BlobSource) -> frozenset[Platform]:
    """Return the platforms for which `image` is."""
    runnable = _runnable(tuple(_tree(source, image, 0)))
    return frozenset(_platform(piece, found, source) for piece, found in runnable)


def _tree(source: BlobSource, told: Descriptor, level: int) -> Iterator[Piece]:
    found = source.manifest(told.digest, told)
    yield Piece(found, told)
    if isinstance(found, Index) and level <= MAX_LEVELS:
        for entry in found.view.manifests:
            if entry.media_type in media_types.ACCEPT:
                yield from _tree(source, entry, level + 1)


def _blobs(found: Manifest | Index) -> Iterator[Descriptor]:
    if isinstance(found, Manifest):
        yield found.view.config
        yield from (layer for layer in found.view.layers if not layer.is_foreign)


def _index(images: Sequence[SavedImage]) -> JsonObject:
    entries: list[Json] = []
    for image in images:
        told: JsonObject = {
            "mediaType": image.root.media_type,
            "digest": image.root.digest,
            "size": image.root.size,
        }
        entries += [told | {"annotations": {NAME: name, REF_NAME: name.rpartition(":")[2]}} for name in image.names]
        entries += [] if image.names else [told]
    return {"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": entries}


def _item(image: SavedImage, tree: Sequence[Piece], source: BlobSource, wanted: Platform) -> JsonObject | None:
    found = _chosen(tree, source, wanted)
    if found is None:
        return None
    names: list[Json] = [familiar_name(name) for name in image.names]
    layers: list[Json] = [_path(layer.digest) for layer in found.view.layers]
    return {"Config": _path(found.view.config.digest), "RepoTags": names or None, "Layers": layers}


def _chosen(tree: Sequence[Piece], source: BlobSource, wanted: Platform) -> Manifest | None:
    runnable = _runnable(tree)
    if len(runnable) < 2:  # noqa: PLR2004
        return next((found for _, found in runnable), None)
    fitting = (found for piece, found in runnable if _platform(piece, found, source) == wanted)
    return next(fitting, runnable[0][1])


def _runnable(tree: Sequence[Piece]) -> list[tuple[Piece, Manifest]]:
    """Return the container images, without attestations and other artifacts."""
    return [
        (piece, piece.found)
        for piece in tree
        if isinstance(piece.found, Manifest)
        and piece.found.view.config.media_type in media_types.CONFIGS
        and not piece.told.is_attestation
        and not (piece.told.platform and piece.told.platform.os == "unknown")
    ]


def _platform(piece: Piece, found: Manifest, source: BlobSource) -> Platform:
    if piece.told.platform:
        return piece.told.platform.platform
    config = parse_document("", read_blob(source, found.view.config, MAX_CONFIG), MAX_CONFIG).json
    return Platform(str(config.get("os")), str(config.get("architecture")), str(config.get("variant") or ""))


def _blob(blob: Descriptor, source: BlobSource) -> Iterator[bytes]:
    yield _header(_path(blob.digest), blob.size)
    with source.blob(blob) as chunks:
        yield from chunks
    yield bytes(-blob.size % _BLOCK)


def _file(path: str, content: bytes) -> Iterator[bytes]:
    yield _header(path, len(content))
    yield content + bytes(-len(content) % _BLOCK)


def _header(path: str, size: int) -> bytes:
    entry = tarfile.TarInfo(path)
    entry.size = size
    return entry.tobuf(tarfile.PAX_FORMAT)


def _path(digest: Digest) -> str:
    return f"blobs/{algorithm(digest)}/{encoded(digest)}"
