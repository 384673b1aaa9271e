"""What holds of every image in a store, whoever wrote it."""

import gzip

from rebaser.oci import media_types
from rebaser.oci.config import ImageConfig, parse_config
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import DiffId, digest_of, matches
from rebaser.oci.document import MAX_CONFIG, parse_document
from rebaser.oci.manifest import Index, Manifest
from rebaser.transports.base import ImageSource

_GZIP = b"\x1f\x8b"
_TAR_MAGIC_AT = slice(257, 262)


def assert_valid(store: ImageSource, name: str, expected: Descriptor | None = None) -> None:
    """Digests, sizes, blobs, diff IDs and history of what `name` names, and of all that it refers to, fit together."""
    found = store.manifest(name, expected)
    assert matches(found.document.content, found.document.digest)
    assert found.view.media_type in (None, found.document.media_type)
    if isinstance(found, Index):
        for entry in found.view.manifests:
            assert_valid(store, entry.digest, entry)
    else:
        _assert_valid_manifest(store, found)


def _assert_valid_manifest(store: ImageSource, manifest: Manifest) -> None:
    view = manifest.view
    config = _blob(store, view.config)
    layers = [None if layer.is_foreign else _blob(store, layer) for layer in view.layers]
    if view.config.media_type not in media_types.CONFIGS:
        return  # an artifact: its blobs are all that can be said of it
    kinds = [manifest.document.media_type, view.config.media_type, *(layer.media_type for layer in view.layers)]
    assert len({media_types.family(kind) for kind in kinds}) == 1, f"media types of two families: {kinds}"
    parsed = parse_config(parse_document(view.config.media_type, config, MAX_CONFIG))
    _assert_counts_agree(parsed, len(layers))
    for position, (content, diff_id) in enumerate(zip(layers, parsed.diff_ids, strict=True)):
        found = _diff_id(content)
        assert found in (None, diff_id), f"layer {position} unpacks to {found}, the config says {diff_id}"


def _assert_counts_agree(config: ImageConfig, layers: int) -> None:
    assert len(config.diff_ids) == layers
    if config.history:
        assert sum(not entry.is_empty for entry in config.history) == layers


def _blob(store: ImageSource, descriptor: Descriptor) -> bytes:
    with store.blob(descriptor) as chunks:
        content = b"".join(chunks)
    assert len(content) == descriptor.size
    assert matches(content, descriptor.digest)
    return content


def _diff_id(content: bytes | None) -> DiffId | None:
    """Return what a layer unpacks to, None for one that can't be unpacked here (zstd, foreign, made up)."""
    if content is None:
        return None
    if content.startswith(_GZIP):
        return DiffId(digest_of(gzip.decompress(content)))
    return DiffId(digest_of(content)) if content[_TAR_MAGIC_AT] == b"ustar" else None
