"""Reads the layers of images, each once however many images have it, and only those that no cache knows."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from rebaser.errors import ImageNotFound
from rebaser.layer_cache import LayerCache
from rebaser.layers.bodies import Body, members, read_bodies
from rebaser.layers.changes import Changes
from rebaser.layers.index import Depth, LayerIndex, index_layer
from rebaser.layers.limits import UnreadableError
from rebaser.layers.packing import gzipped
from rebaser.layers.rewriting import rewritten
from rebaser.oci import media_types
from rebaser.oci.descriptor import descriptor
from rebaser.oci.digest import parse_diff_id, parse_digest
from rebaser.oci.image import Image, Layer
from rebaser.oci.reference import Repository
from rebaser.plan.evidence import Evidence, Indexes
from rebaser.plan.locating import files_by_layer, kept_body, layer_of
from rebaser.plan.model import Draft
from rebaser.plan.original_layers import with_original
from rebaser.plan.sources import Bodies, Source
from rebaser.printable import printable, size
from rebaser.transports.base import Transports

MAX_COMPRESSED = 20 << 30  # bytes of one layer
THREADS = min(4, os.cpu_count() or 1)  # decompressing keeps a core busy

_Key = tuple[str, str, Depth]


@dataclass(slots=True)
class LayerReader:
    """Gives out indexes of layers, to several platforms of one run."""

    transports: Transports
    cache: LayerCache | None = None
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS))
    _reading: dict[_Key, Future[LayerIndex]] = field(default_factory=dict)

    def indexes(self, draft: Draft, home: Repository) -> Indexes:
        """Return the indexes of a platform's layers; `home` is where the original lies.

        The old base's layers are read from the original, which holds them too.

        Raises:
            UnreadableError: a layer cannot be read, or in several ways; nothing is known of the image then.
            ImageError: `digest-mismatch`, a layer is not what its digest or diff ID says.
            TransportError: a layer could not be had.
        """
        layers, seam = draft.trio.original.layers, draft.seam.layers
        base = draft.trio.new_base
        away = base.reference.repository if base.reference else home
        old = [self._read(layer, home, Depth.BASE) for layer in layers[:seam]]
        app = [self._read(layer, home, Depth.APPLICATION) for layer in layers[seam:]]
        new = [self._read(layer, away, Depth.BASE) for layer in base.layers]
        return Indexes(*(tuple(future.result() for future in futures) for futures in (old, new, app)))

    def bodies(self, evidence: Evidence, indexes: Indexes, home: Repository, sources: Iterable[Source]) -> Bodies:
        """Return what files hold: from the index where that kept them whole, else from the layer, which is read again.

        Raises:
            UnreadableError, ImageError, TransportError: as `indexes`.
        """
        found: dict[Source, Body] = {}
        for (place, position), paths in files_by_layer(evidence, sources).items():
            index, layer = layer_of(evidence.draft, indexes, place, position)
            where = evidence.draft.trio.new_base.reference if place == "new" else None
            repository = where.repository if where else home
            wanted = members(index, paths)
            read = self._bodies(layer, repository, wanted) if wanted else {}
            found |= {Source(place, path): body for path, body in read.items()}
        kept = {source: body for source in sources if (body := kept_body(evidence, source)) is not None}
        return {**found, **kept}

    def _bodies(self, layer: Layer, place: Repository, wanted: Mapping[str, str]) -> dict[str, Body]:
        try:
            with self.transports.open(place).blob(layer.descriptor) as chunks:
                read = read_bodies(chunks, wanted)
                for _ in chunks:
                    pass
        except UnreadableError as error:
            raise UnreadableError(f"the layer {layer.descriptor.digest}: {printable(str(error))}") from error
        return read

    def image(self, image: Image, place: Repository) -> tuple[LayerIndex, ...]:
        """Return the indexes of all layers of an image that lies at `place`, base first.

        Raises:
            UnreadableError, ImageError, TransportError: as `indexes`.
        """
        futures = [self._read(layer, place, Depth.BASE) for layer in image.layers]
        return tuple(future.result() for future in futures)

    def layer(self, layer: Layer, place: Repository) -> LayerIndex | None:
        """Return the index of one layer of an application; None where it is not there any more.

        Raises:
            UnreadableError, ImageError, TransportError: as `indexes`.
        """
        if not self.transports.open(place).has_blob(layer.descriptor):
            return None
        return self._read(layer, place, Depth.APPLICATION).result()

    def rewritten(self, layer: Layer, place: Repository, changes: Changes) -> Layer:
        """Return the layer that this one is after the changes: its digests and size, with no byte of it kept.

        Raises:
            UnreadableError, ImageError, TransportError: as `indexes`.
        """
        archive, blob, length = hashlib.sha256(), hashlib.sha256(), 0
        with self.transports.open(place).blob(layer.descriptor) as chunks:
            for piece in gzipped(_hashed(rewritten(chunks, changes), archive)):
                blob.update(piece)
                length += len(piece)
            for _ in chunks:
                pass
        digest = parse_digest(f"sha256:{blob.hexdigest()}")
        told = descriptor(media_types.OCI_LAYER_GZIP, digest, length)
        return with_original(Layer(told, parse_diff_id(f"sha256:{archive.hexdigest()}")), layer)

    def close(self) -> None:
        """End what is still being read."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, layer: Layer, place: Repository, depth: Depth) -> Future[LayerIndex]:
        key = (layer.descriptor.digest, layer.diff_id, depth)
        if key not in self._reading:
            self._reading[key] = self._pool.submit(self._index, layer, place, depth)
        return self._reading[key]

    def _index(self, layer: Layer, place: Repository, depth: Depth) -> LayerIndex:
        known = self.cache.get(layer, depth) if self.cache else None
        if known is not None:
            return known
        index = self._from(layer, place, depth)
        if self.cache:
            self.cache.put(layer, depth, index)
        return index

    def _from(self, layer: Layer, place: Repository, depth: Depth) -> LayerIndex:
        told = layer.descriptor
        if told.size > MAX_COMPRESSED:
            raise UnreadableError(f"the layer {told.digest} has {size(told.size)}, more than {size(MAX_COMPRESSED)}")
        try:
            with self.transports.open(place).blob(told) as chunks:
                index = index_layer(chunks, layer.diff_id, depth)
                for _ in chunks:
                    pass
        except UnreadableError as error:
            raise UnreadableError(f"the layer {told.digest} is not understood: {printable(str(error))}") from error
        except ImageNotFound:
            if told.media_type in media_types.FOREIGN_LAYERS:
                raise UnreadableError(f"the layer {told.digest} is kept elsewhere, and not in {place}") from None
            raise
        return index


def _hashed(chunks: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
