"""Any image in one line, as the very bytes that a registry would hold.

    base = an_image([a_layer({"etc/os-release": "ID=debian"})], env=["PATH=/bin"])
    store(an_index([base, attestation(base)]), place, "12")
    as_image(base).diff_ids

What is built is deterministic on every machine: fixed times, stored instead of deflated blocks.
"""

import io
import json
import struct
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never

from rebaser.oci import annotations as keys
from rebaser.oci import media_types
from rebaser.oci.config import ImageConfig, parse_config
from rebaser.oci.descriptor import Descriptor, describe, descriptor
from rebaser.oci.digest import DiffId, Digest, digest_of
from rebaser.oci.document import MAX_CONFIG, Document, parse_document
from rebaser.oci.image import Image, join
from rebaser.oci.manifest import Index, Manifest, parse_manifest
from rebaser.oci.media_types import Family
from rebaser.oci.platform import Platform
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.transports.base import Content, ImageDestination

CREATED = "2024-01-02T03:04:05Z"
Compression = Literal["gzip", "plain", "zstd"]


@dataclass(frozen=True)
class AFile:
    """A file of a layer with all that a tar archive can say of it."""

    content: str | bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    xattrs: Mapping[str, str] = field(default_factory=dict)


FileInTar: TypeAlias = str | bytes | tarfile.TarInfo | AFile


# Layers


@dataclass(frozen=True, slots=True)
class ALayer:
    """A layer blob; `media_type` is OCI's, and is translated where the image is one of Docker's."""

    content: bytes
    media_type: str
    diff_id: DiffId

    @property
    def digest(self) -> Digest:
        return digest_of(self.content)

    @property
    def descriptor(self) -> Descriptor:
        return descriptor(self.media_type, self.digest, len(self.content))


def a_layer(
    files: Mapping[str, FileInTar] | None = None,
    *,
    compression: Compression = "gzip",
    media_type: str | None = None,
) -> ALayer:
    """Files by path; a path that ends in a slash is a directory, a TarInfo (without its name) is taken as it is."""
    tar = a_tar(files or {})
    content, usual = _compressed(tar, compression)
    return ALayer(content, usual if media_type is None else media_type, DiffId(digest_of(tar)))


def a_tar(files: Mapping[str, FileInTar]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, given in files.items():
            entry = given if isinstance(given, tarfile.TarInfo) else _tar_entry(path)
            entry.name = path.rstrip("/")
            content = given.content if isinstance(given, AFile) else given
            if isinstance(given, AFile):
                entry.mode, entry.uid, entry.gid = given.mode, given.uid, given.gid
                entry.pax_headers = {f"SCHILY.xattr.{name}": value for name, value in given.xattrs.items()}
            body = content.encode() if isinstance(content, str) else content if isinstance(content, bytes) else b""
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def symlink(target: str) -> tarfile.TarInfo:
    entry = _tar_entry("")
    entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, target, 0o777
    return entry


def hard_link(target: str) -> tarfile.TarInfo:
    """`target` without a leading slash."""
    entry = _tar_entry("")
    entry.type, entry.linkname = tarfile.LNKTYPE, target
    return entry


def gzipped(content: bytes) -> bytes:
    deflate = zlib.compressobj(0, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(content) + deflate.flush()
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + struct.pack("<II", zlib.crc32(content), len(content))


def zstandard(content: bytes) -> bytes:
    """One frame of raw blocks, RFC 8878: every decoder reads it, and no library is needed to write it."""
    blocks = [content[at : at + 131072] for at in range(0, len(content), 131072)] or [b""]
    heads = [len(block) << 3 | (position == len(blocks) - 1) for position, block in enumerate(blocks)]
    body = b"".join(struct.pack("<I", head)[:3] + block for head, block in zip(heads, blocks, strict=True))
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(content)) + body


def _tar_entry(path: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.mtime = 1_700_000_000
    if path.endswith("/"):
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    return entry


def _compressed(tar: bytes, compression: Compression) -> tuple[bytes, str]:
    match compression:
        case "gzip":
            return gzipped(tar), media_types.OCI_LAYER_GZIP
        case "plain":
            return tar, media_types.OCI_LAYER
        case "zstd":
            return zstandard(tar), media_types.OCI_LAYER_ZSTD
        case _:
            assert_never(compression)


# History, as builders write it


def classic(instruction: str, *, layer: bool | None = None) -> JsonObject:
    """The entry that `docker build` without BuildKit writes for a Dockerfile's line."""
    keyword, _, rest = instruction.partition(" ")
    if keyword == "RUN":
        return _history(f"/bin/sh -c {rest}", layer=True if layer is None else layer)
    if keyword in ("ADD", "COPY"):
        text = f"/bin/sh -c #(nop) {keyword} dir:{'0' * 64} in {rest.split()[-1]} "
        return _history(text, layer=True if layer is None else layer)
    blanks = " " if keyword == "WORKDIR" else "  "
    return _history(f"/bin/sh -c #(nop){blanks}{instruction}", layer=bool(layer))


def buildkit(instruction: str, *, layer: bool | None = None) -> JsonObject:
    """The entry that BuildKit writes for a Dockerfile's line."""
    keyword, _, rest = instruction.partition(" ")
    text = {
        "RUN": f"RUN /bin/sh -c {rest} # buildkit",
        "COPY": f"{instruction} # buildkit",
        "ADD": f"{instruction} # buildkit",
    }.get(keyword, instruction)
    made = keyword in ("RUN", "COPY", "ADD", "WORKDIR") if layer is None else layer
    return _history(text, layer=made, comment="buildkit.dockerfile.v0")


def _history(created_by: str, *, layer: bool, comment: str | None = None) -> JsonObject:
    entry: JsonObject = {"created": CREATED, "created_by": created_by}
    if comment:
        entry["comment"] = comment
    if not layer:
        entry["empty_layer"] = True
    return entry


# Images


@dataclass(frozen=True, slots=True)
class AnImage:
    """A manifest with its config and layers."""

    content: bytes
    media_type: str
    config: bytes
    config_media_type: str
    layers: tuple[ALayer, ...]
    platform: Platform

    @property
    def digest(self) -> Digest:
        return digest_of(self.content)

    @property
    def document(self) -> Document:
        return parse_document(self.media_type, self.content, len(self.content))

    @property
    def descriptor(self) -> Descriptor:
        return describe(self.document)

    @property
    def config_descriptor(self) -> Descriptor:
        return descriptor(self.config_media_type, digest_of(self.config), len(self.config))

    @property
    def blobs(self) -> dict[Digest, bytes]:
        return {digest_of(self.config): self.config} | {layer.digest: layer.content for layer in self.layers}


def an_image(
    layers: Sequence[ALayer] | None = None,
    *,
    env: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    config: Mapping[str, Json] | None = None,
    history: Sequence[JsonObject] | Literal["complete"] | None = "complete",
    platform: str = "linux/amd64",
    annotations: Mapping[str, str] | None = None,
    family: Family = "oci",
    config_members: Mapping[str, Json] | None = None,
    manifest_members: Mapping[str, Json] | None = None,
) -> AnImage:
    """`config` is what containers are started with; the `…_members` are added to, or replace, those of the documents.

    History is complete, one RUN for each layer, unless given; None leaves it out.
    """
    layers = tuple(layers) if layers is not None else (a_layer({"etc/os-release": "ID=made\n"}),)
    started: JsonObject = {"Env": list(env)} if env is not None else {}
    started |= {"Labels": dict(labels)} if labels is not None else {}
    parts = Platform(*platform.split("/"))
    written = _config_json(parts, started | dict(config or {}), layers, history) | dict(config_members or {})
    config_bytes = compact(written)
    config_type = media_types.DOCKER_CONFIG if family == "docker" else media_types.OCI_CONFIG
    media_type = media_types.DOCKER_MANIFEST if family == "docker" else media_types.OCI_MANIFEST
    manifest: JsonObject = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": _descriptor_json(config_type, config_bytes),
        "layers": [_descriptor_json(_in_family(layer.media_type, family), layer.content) for layer in layers],
    }
    manifest |= {"annotations": dict(annotations)} if annotations is not None else {}
    manifest |= dict(manifest_members or {})
    return AnImage(compact(manifest), media_type, config_bytes, config_type, layers, parts)


def as_manifest(value: "AnImage | AnIndex") -> Manifest | Index:
    """What the rebaser reads in the value's bytes."""
    return parse_manifest(value.media_type, value.content, value.digest)


def as_index(value: "AnIndex") -> Index:
    index = as_manifest(value)
    assert isinstance(index, Index)
    return index


def as_config(value: AnImage) -> ImageConfig:
    return parse_config(parse_document(value.config_media_type, value.config, MAX_CONFIG))


def as_image(value: AnImage) -> Image:
    manifest = as_manifest(value)
    assert isinstance(manifest, Manifest)
    return join(manifest, as_config(value))


def compact(value: Mapping[str, Json]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _config_json(
    platform: Platform,
    started: JsonObject,
    layers: Sequence[ALayer],
    history: Sequence[JsonObject] | Literal["complete"] | None,
) -> JsonObject:
    config: JsonObject = {"architecture": platform.architecture, "os": platform.os}
    config |= {"variant": platform.variant} if platform.variant else {}
    config |= {"created": CREATED, "config": started}
    if history == "complete":
        history = [buildkit(f"RUN step {number}") for number, _ in enumerate(layers)]
    config |= {"history": list(history)} if history is not None else {}
    return config | {"rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}}


def _descriptor_json(media_type: str, content: bytes) -> JsonObject:
    return {"mediaType": media_type, "size": len(content), "digest": digest_of(content)}


def _in_family(media_type: str, family: Family) -> str:
    return media_types.in_family(media_type, family) or media_type


# Indexes


@dataclass(frozen=True, slots=True)
class AnEntry:
    """A child of an index, and what the index says of it."""

    child: "AnImage | AnIndex"
    platform: Mapping[str, Json] | None = None
    annotations: Mapping[str, str] | None = None
    members: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class AnIndex:
    """An index with its children."""

    content: bytes
    media_type: str
    children: "tuple[AnImage | AnIndex, ...]"

    @property
    def digest(self) -> Digest:
        return digest_of(self.content)

    @property
    def document(self) -> Document:
        return parse_document(self.media_type, self.content, len(self.content))

    @property
    def descriptor(self) -> Descriptor:
        return describe(self.document)


def an_index(
    children: Sequence[AnImage | AnIndex | AnEntry],
    *,
    annotations: Mapping[str, str] | None = None,
    family: Family = "oci",
    members: Mapping[str, Json] | None = None,
) -> AnIndex:
    """Images stand under their own platform, indexes under none, unless an `AnEntry` says otherwise."""
    entries = [child if isinstance(child, AnEntry) else _usual_entry(child) for child in children]
    media_type = media_types.DOCKER_INDEX if family == "docker" else media_types.OCI_INDEX
    index: JsonObject = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "manifests": [_entry_json(entry) for entry in entries],
    }
    index |= {"annotations": dict(annotations)} if annotations is not None else {}
    index |= dict(members or {})
    return AnIndex(compact(index), media_type, tuple(entry.child for entry in entries))


def attestation(of: AnImage) -> AnEntry:
    """The entry that BuildKit adds for an image's provenance."""
    statement = compact({"_type": "https://in-toto.io/Statement/v0.1", "subject": [{"name": of.digest}]})
    layer = ALayer(statement, "application/vnd.in-toto+json", DiffId(digest_of(statement)))
    child = an_image([layer], platform="unknown/unknown", history=None)
    notes = {keys.DOCKER_REFERENCE_TYPE: keys.ATTESTATION_MANIFEST, keys.DOCKER_REFERENCE_DIGEST: of.digest}
    return AnEntry(child, {"architecture": "unknown", "os": "unknown"}, notes)


def _usual_entry(child: AnImage | AnIndex) -> AnEntry:
    if isinstance(child, AnIndex):
        return AnEntry(child)
    platform: JsonObject = {"architecture": child.platform.architecture, "os": child.platform.os}
    return AnEntry(child, platform | ({"variant": child.platform.variant} if child.platform.variant else {}))


def _entry_json(entry: AnEntry) -> JsonObject:
    written = _descriptor_json(entry.child.media_type, entry.child.content)
    written |= {"annotations": dict(entry.annotations)} if entry.annotations is not None else {}
    written |= {"platform": dict(entry.platform)} if entry.platform is not None else {}
    return written | dict(entry.members or {})


# Into a store


def store(value: AnImage | AnIndex, destination: ImageDestination, tag: str | None = None) -> Digest:
    """Write everything through the seam, children first, and the tag last."""
    if isinstance(value, AnIndex):
        for child in value.children:
            store(child, destination)
    else:
        destination.put_blob(value.config_descriptor, content_of(value.config))
        for layer in value.layers:
            destination.put_blob(layer.descriptor, content_of(layer.content))
    destination.put_manifest(value.document)
    if tag is not None:
        destination.put_tag(tag, value.document)
    return value.digest


def content_of(content: bytes, chunk: int = 65536) -> Content:
    """The bytes, to be read from the start as often as wanted."""

    @contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        yield (content[at : at + chunk] for at in range(0, len(content), chunk))

    return opened
