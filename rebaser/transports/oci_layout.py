"""Images in a directory: the OCI image layout. image-spec image-layout.md.

The directory may come from anyone: no name in it is followed out of it, and nothing but regular files is read. Files
appear whole or not at all. A tag is an entry of `index.json` that carries it as `org.opencontainers.image.ref.name`.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from rebaser.errors import ImageNotFound, RebaserError, TransportError
from rebaser.oci.annotations import REF_NAME
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest, algorithm, encoded, mismatch, parse_digest, verified
from rebaser.oci.document import MAX_MANIFEST, Document, invalid
from rebaser.oci.manifest import Index, Manifest, parse_manifest
from rebaser.oci.media_types import OCI_INDEX
from rebaser.oci.reference import DEFAULT_TAG, Repository, Transport
from rebaser.oci.strict_json import Json, JsonObject, parse, write
from rebaser.printable import printable
from rebaser.transports.base import Content
from rebaser.transports.directory import open_directory, open_file, replace_file
from rebaser.transports.referrers import add_referrer, tagged_referrers
from rebaser.transports.traffic import Traffic

_MARKER: JsonObject = {"imageLayoutVersion": "1.0.0"}
_EMPTY_INDEX: JsonObject = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}
_NAMING = (REF_NAME, "io.containerd.image.name")  # annotations of an entry that belong to the tag, not to the image
_CHUNK = 256 * 1024  # bytes


class OciLayout:
    """An `ImageStore` in a directory, which the first write creates."""

    def __init__(self, repository: Repository, traffic: Traffic) -> None:
        self._repository = repository
        self._traffic = traffic

    @property
    def repository(self) -> Repository:
        """Return the place."""
        return self._repository

    def resolve(self, tag: str) -> Digest | None:
        """Return the digest that `tag` names now; see `ImageSource.resolve`."""
        entry = self._entry(tag, self._index() or {})
        return entry.digest if entry else None

    def untagged(self) -> str:
        """Return what the layout's one image is called, or its digest; `latest` where there is none, or several."""
        entries = _entries(self._index() or {})
        if len(entries) != 1:
            return DEFAULT_TAG
        tag = _tag(entries[0])
        return tag if isinstance(tag, str) and tag and tag.isprintable() else self._descriptor(entries[0]).digest

    def manifest(self, name: str, expected: Descriptor | None = None) -> Manifest | Index:
        """Return the manifest or index that `name` names; see `ImageSource.manifest`."""
        index = self._index()
        if index is None:
            raise self._not_found("OCI image layout (a directory with the files oci-layout and index.json)")
        announced = expected or self._entry(name, index)
        digest = _digest_or_none(name) or (announced.digest if announced else None)
        if digest is None:
            raise self._not_found(f"image called {printable(name)}")
        content = self._document(digest, announced)
        return parse_manifest(announced.media_type if announced else None, content, digest)

    @contextmanager
    def blob(self, descriptor: Descriptor) -> Iterator[Iterator[bytes]]:
        """Open a blob; see `ImageSource.blob`."""
        with self._open(descriptor.digest) as file:
            yield verified(self._chunks(file), descriptor.digest, descriptor.size, self._where(descriptor.digest))

    def referrers(self, subject: Digest) -> tuple[Descriptor, ...]:
        """Return what says something of a manifest; see `ImageSource.referrers`."""
        return tagged_referrers(self, subject)

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Answer whether the blob is there already, as far as its size tells."""
        try:
            with self._open(descriptor.digest) as file:
                return os.fstat(file.fileno()).st_size == descriptor.size
        except TransportError:
            return False

    def holds(self, digest: Digest) -> bool:
        """Answer whether there is something of that name."""
        try:
            self._open(digest).close()
        except TransportError:
            return False
        return True

    def mount_blob(self, descriptor: Descriptor, source: Repository) -> bool:
        """Link the blob of another layout on this file system, provided that it is what its name says."""
        if source.transport is not Transport.OCI_LAYOUT:
            return False
        try:
            with OciLayout(source, Traffic()).blob(descriptor) as chunks:
                for _ in chunks:
                    pass
            self._link(descriptor.digest, source.path)
        except (RebaserError, OSError):
            return False
        return self.has_blob(descriptor)

    def expect_upload(self) -> Callable[[], None]:
        """Return nothing that would save time: a file needs no session."""
        return lambda: None

    def close_uploads(self) -> None:
        """Do nothing, as nothing was opened."""

    def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Store a blob, streaming; see `ImageDestination.put_blob`."""
        with content() as chunks:
            where = f"The source of {descriptor.digest}"
            self._put(descriptor.digest, verified(chunks, descriptor.digest, descriptor.size, where))

    def put_manifest(self, document: Document) -> None:
        """Store a manifest or index under its digest; no tag names it yet."""
        self._put(document.digest, verified([document.content], document.digest, document.size, "The rebaser"))

    def lists_referrers(self, subject: Digest) -> bool:  # noqa: ARG002  the same for all
        """Answer no: see `ImageDestination.lists_referrers`."""
        return False

    def put_referrer(self, document: Document) -> None:
        """Store a manifest that has a subject, and name it in the list that the subject's tag leads to."""
        self.put_manifest(document)
        add_referrer(self, document)

    def put_tag(self, tag: str, document: Document) -> None:
        """Make `tag` name a manifest or index; all other entries of `index.json` stay as they are."""
        self.put_manifest(document)
        with self._writing(), self._locked() as root:
            index = self._index() or {}
            content = write(_EMPTY_INDEX | index | {"manifests": _with_tag(index.get("manifests"), tag, document)})
            if len(content) > MAX_MANIFEST:
                raise self._unwritable("its index.json would become larger than can be read again")
            replace_file("index.json", [content], root)

    def _index(self) -> JsonObject | None:
        """Return what `index.json` says, None where no layout is."""
        marker = self._top_level("oci-layout")
        if marker is None:
            return None
        if marker.get("imageLayoutVersion") != _MARKER["imageLayoutVersion"]:
            raise self._invalid("oci-layout does not say imageLayoutVersion 1.0.0")
        index = self._top_level("index.json") or {}
        if not isinstance(index.get("manifests"), list | None):  # umoci writes null for no images
            raise self._invalid("index.json: manifests is not a list")
        return index

    def _top_level(self, name: str) -> JsonObject | None:
        try:
            with open_directory(self._repository.path) as root, open_file(name, root) as file:
                value = parse(file.read(MAX_MANIFEST + 1), MAX_MANIFEST)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self._invalid(f"{name}: {_reason(error)}") from error
        if not isinstance(value, dict):
            raise self._invalid(f"{name} is not a JSON object")
        return value

    def _entry(self, name: str, index: JsonObject) -> Descriptor | None:
        """Return the entry that has the tag or the digest `name`."""
        found = [self._descriptor(entry) for entry in _entries(index) if name in (_tag(entry), entry.get("digest"))]
        if len({entry.digest for entry in found}) > 1:
            raise self._invalid(f"index.json gives several images the name {name}")
        return found[0] if found else None

    def _descriptor(self, entry: JsonObject) -> Descriptor:
        try:
            return Descriptor.model_validate(entry)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise self._invalid(f"index.json: {first['loc']}: {first['msg']}") from error

    def _document(self, digest: Digest, announced: Descriptor | None) -> bytes:
        if announced and announced.digest != digest:
            raise mismatch(self._where(digest), f"the document {announced.digest}")
        with self._open(digest) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAX_MANIFEST:
                raise invalid(f"it has {size} bytes, more than the {MAX_MANIFEST} that are accepted", digest)
            expected = announced.size if announced else size
            return b"".join(verified(self._chunks(file), digest, expected, self._where(digest)))

    def _open(self, digest: Digest) -> BinaryIO:
        try:
            with open_directory(self._repository.path, "blobs", algorithm(digest)) as directory:
                return open_file(encoded(digest), directory)
        except FileNotFoundError as error:
            raise self._not_found(f"blob {digest}") from error
        except OSError as error:
            raise self._invalid(f"{digest}: {_reason(error)}") from error

    def _chunks(self, file: BinaryIO) -> Iterator[bytes]:
        try:
            while chunk := file.read(_CHUNK):
                self._traffic.count(down=len(chunk))
                yield chunk
        except OSError as error:
            raise self._invalid(_reason(error)) from error

    def _put(self, digest: Digest, chunks: Iterable[bytes]) -> None:
        with self._writing():
            self._create()
            with open_directory(self._repository.path, "blobs", algorithm(digest), create=True) as directory:
                replace_file(encoded(digest), self._counted(chunks), directory)

    def _link(self, digest: Digest, source: str) -> None:
        self._create()
        below, name = ("blobs", algorithm(digest)), encoded(digest)
        with (
            open_directory(source, *below) as theirs,
            open_directory(self._repository.path, *below, create=True) as ours,
            suppress(FileExistsError),
        ):
            os.link(name, name, src_dir_fd=theirs, dst_dir_fd=ours, follow_symlinks=False)

    def _create(self) -> None:
        """Make a layout of the directory, unless it is one."""
        if self._index() is not None:
            return
        Path(self._repository.path).mkdir(parents=True, exist_ok=True)
        with self._locked() as root:
            if self._top_level("index.json") is None:
                replace_file("index.json", [write(_EMPTY_INDEX)], root)
            replace_file("oci-layout", [write(_MARKER)], root)

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._traffic.count(up=len(chunk))
            yield chunk

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Open the directory, for one writer of its files at a time."""
        with open_directory(self._repository.path) as root:
            fcntl.flock(root, fcntl.LOCK_EX)
            yield root

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._unwritable(_reason(error)) from error

    def _where(self, digest: Digest) -> str:
        return f"{self._repository}, asked for {digest},"

    def _not_found(self, what: str) -> ImageNotFound:
        return ImageNotFound(
            f"There is no {what} in {self._repository}",
            "Correct the directory, tag or digest in `image`, `old-base` or `new-base`.",
        )

    def _invalid(self, what: str) -> TransportError:
        return TransportError(
            "layout-invalid",
            f"{self._repository} cannot be read as an OCI image layout: {printable(what)}",
            "Write the directory in `image`, `old-base` or `new-base` anew, for instance with `skopeo copy`.",
        )

    def _unwritable(self, what: str) -> TransportError:
        return TransportError(
            "layout-unwritable",
            f"{self._repository} cannot be written: {printable(what)}",
            "Make room and give write access there, or name another directory in `image` or `tags`.",
        )


def _with_tag(entries: Json, tag: str, document: Document) -> list[Json]:
    """Return `entries` with the tag's own replaced where it stands, or added at the end."""
    before = entries if isinstance(entries, list) else []
    mine = [entry for entry in before if isinstance(entry, dict) and _tag(entry) == tag]
    notes = {key: value for key, value in _notes(mine[0]).items() if key in _NAMING} if mine else {}
    new: JsonObject = {"mediaType": document.media_type, "digest": document.digest, "size": document.size}
    new["annotations"] = notes | {REF_NAME: tag}
    at = before.index(mine[0]) if mine else len(before)
    return [*before[:at], new, *(entry for entry in before[at:] if entry not in mine)]


def _entries(index: JsonObject) -> list[JsonObject]:
    entries = index.get("manifests")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _tag(entry: JsonObject) -> Json:
    return _notes(entry).get(REF_NAME)


def _notes(entry: JsonObject) -> JsonObject:
    notes = entry.get("annotations")
    return notes if isinstance(notes, dict) else {}


def _digest_or_none(name: str) -> Digest | None:
    try:
        return parse_digest(name)
    except ValueError:
        return None


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
