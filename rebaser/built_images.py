"""Answers what a builder made: whether it is an image on the new base, and its layers as they are to be stored.

Layers of an archive are not compressed; here they are, since whoever pulls them pays for it each time. The base's own
layers are told by their diff IDs, and stand as the base has them.
"""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from rebaser.errors import ImageError, RebuildError, TransportError
from rebaser.gather import Gatherer
from rebaser.layers.packing import gzipped
from rebaser.oci import media_types
from rebaser.oci.config import ImageConfig
from rebaser.oci.descriptor import descriptor
from rebaser.oci.digest import Digest
from rebaser.oci.document import Document, new_document
from rebaser.oci.image import Image, Layer
from rebaser.oci.platform import Platform, normal, same_platform
from rebaser.oci.reference import Reference, Repository, Transport
from rebaser.oci.strict_json import JsonObject
from rebaser.plan.model import BuiltImage, PlatformPlan
from rebaser.plan.patch import difference
from rebaser.plan.seam import common_prefix
from rebaser.rebuild.builders.base import Built
from rebaser.transports.base import Content, ImageStore

_PLAIN = (media_types.OCI_LAYER, media_types.DOCKER_LAYER)
_TRANSPORTS = {"oci": Transport.OCI_LAYOUT, "docker-archive": Transport.DOCKER_ARCHIVE}
_CHUNK = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Shelf:
    """What reads results, and the directory in which layers that had to be compressed are kept, as an OCI layout."""

    gatherer: Gatherer
    directory: Path

    @property
    def repository(self) -> Repository:
        """Return the place."""
        return Repository(Transport.OCI_LAYOUT, "", str(self.directory))

    def open(self, repository: Repository) -> ImageStore:
        """Return a place's store."""
        return self.gatherer.documents.transports.open(repository)


def open_built(plan: PlatformPlan, built: Built, builder: str, shelf: Shelf, labels: Collection[str]) -> BuiltImage:
    """Return what was built for the plan's platform, with those of the original's `labels` that it lacks.

    Raises:
        RebuildError: it cannot be read, is for another platform, or does not begin with the new base's layers.
    """
    place = Repository(_TRANSPORTS[built.transport], "", str(built.path))
    try:
        image = _image(place, shelf.gatherer)
        _require(image, plan, builder)
        base = plan.new_base.layers
        own, where = _stored(image.layers[len(base) :], place, shelf)
    except (ImageError, TransportError) as error:
        raise _unproved(f"What {builder} built cannot be read: {error.message}") from error
    config = _labelled(image.config, {name: plan.original.config.labels.get(name, "") for name in labels})
    patch = difference(plan.original.config.document.json, config.json)
    return BuiltImage(config, (*base, *own), where, patch, image.manifest.view.notes)


def _image(place: Repository, gatherer: Gatherer) -> Image:
    children = gatherer.original(Reference(place), ()).children()
    if len(children) != 1:
        raise _unproved(f"The builder made {len(children)} images for one platform")
    return children[0][1].image


def _require(image: Image, plan: PlatformPlan, builder: str) -> None:
    wanted = plan.original.platform
    if not _serves(image.platform, wanted):
        raise _unproved(f"{builder} built an image for {image.platform}, and {wanted} was wanted")
    base = plan.new_base
    matching = common_prefix([layer.diff_id for layer in base.layers], image.diff_ids)
    if matching < len(base.layers):
        named = f"the {len(base.layers)} layers of {base.reference}"
        raise _unproved(f"The image that {builder} built begins with {matching} of {named}")


def _serves(made: Platform, wanted: Platform) -> bool:
    """Answer whether an image is for a platform; a builder may leave out the variant."""
    made, wanted = normal(made), normal(wanted)
    return same_platform(made, wanted) or (made == Platform(wanted.os, wanted.architecture))


def _labelled(config: ImageConfig, labels: dict[str, str]) -> Document:
    """Return the config, which keeps its bytes unless it lacks one of the labels."""
    lacking = {name: value for name, value in labels.items() if value and name not in config.labels}
    if not lacking:
        return config.document
    settings: JsonObject = {**config.settings, "Labels": {**config.labels, **lacking}}
    return new_document(config.document.media_type, {**config.document.json, "config": settings})


def _stored(layers: tuple[Layer, ...], place: Repository, shelf: Shelf) -> tuple[tuple[Layer, ...], Repository]:
    """Return layers as they are to be stored, and where they are: as they came, unless one is not compressed."""
    if not any(layer.descriptor.media_type in _PLAIN for layer in layers):
        return layers, place
    source, store = shelf.open(place), shelf.open(shelf.repository)
    return tuple(_put(layer, source, store) for layer in layers), shelf.repository


def _put(layer: Layer, source: ImageStore, store: ImageStore) -> Layer:
    told = layer.descriptor
    if told.media_type not in _PLAIN:
        store.put_blob(told, lambda: source.blob(told))
        return layer
    if str(told.digest) != str(layer.diff_id):
        raise _unproved(f"The layer {told.digest} is not the one that the config names, {layer.diff_id}")
    with TemporaryFile() as file, source.blob(told) as chunks:
        packed = descriptor(media_types.OCI_LAYER_GZIP, *_written(gzipped(chunks), file))
        store.put_blob(packed, _content(file))
    return Layer(packed, layer.diff_id)


def _written(chunks: Iterator[bytes], file: BinaryIO) -> tuple[Digest, int]:
    hashed, count = hashlib.sha256(), 0
    for chunk in chunks:
        hashed.update(chunk)
        count += file.write(chunk)
    return Digest(f"sha256:{hashed.hexdigest()}"), count


def _content(file: BinaryIO) -> Content:
    @contextmanager
    def once() -> Iterator[Iterator[bytes]]:
        file.seek(0)
        yield iter(lambda: file.read(_CHUNK), b"")

    return once


def _unproved(what: str) -> RebuildError:
    remedy = "Build the same by hand and look at what comes of it; name another `builder` or `target`."
    return RebuildError("rebuild-unproved", what, remedy)
