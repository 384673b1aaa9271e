"""What a place that keeps images only whole can give by digest: the archives read so far, and what was put since.

Blobs and manifests are put one by one, and such a place takes an image in one piece; until then they wait in a
directory of their own.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from rebaser.errors import ImageNotFound, TransportError
from rebaser.oci.descriptor import Descriptor, describe
from rebaser.oci.digest import Digest, mismatch, verified
from rebaser.oci.document import Document
from rebaser.oci.manifest import Index, Manifest, parse_manifest
from rebaser.oci.reference import Repository, Transport
from rebaser.transports.base import Content
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.open_archive import OpenArchive, broken
from rebaser.transports.referrers import subject_of
from rebaser.transports.traffic import Traffic


class Holdings:
    """The archives, newest last, and what waits; for any number of threads. To be closed."""

    def __init__(self, repository: Repository, traffic: Traffic) -> None:
        self._repository = repository
        self._traffic = traffic
        self._archives: list[OpenArchive] = []
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._referrers: dict[Digest, dict[Digest, Descriptor]] = {}
        self._lock = Lock()

    @property
    def repository(self) -> Repository:
        """Return the place whose they are."""
        return self._repository

    def add(self, archive: OpenArchive) -> None:
        """Let an archive be read from, until the end."""
        with self._lock:
            self._archives.append(archive)

    def manifest(self, name: str, expected: Descriptor | None = None) -> Manifest | Index:
        """Return the manifest or index of the digest `name`; see `ImageSource.manifest`."""
        if expected and expected.digest != name:
            raise mismatch(self._where(Digest(name)), f"the document {expected.digest}")
        if waiting := self._waiting():
            try:
                return waiting.manifest(name, expected)
            except ImageNotFound:
                pass
        return self._archived(Digest(name), expected)

    @contextmanager
    def blob(self, descriptor: Descriptor) -> Iterator[Iterator[bytes]]:
        """Open a blob; see `ImageSource.blob`."""
        waiting = self._waiting()
        if waiting and waiting.holds(descriptor.digest):
            with waiting.blob(descriptor) as chunks:
                yield chunks
            return
        for archive in reversed(self._archives):
            if extent := archive.extent(descriptor.digest):
                chunks = self._counted(archive.chunks(extent))
                yield verified(chunks, descriptor.digest, descriptor.size, self._where(descriptor.digest))
                return
        raise self.not_found(f"blob {descriptor.digest}")

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Answer whether the blob is there already, as far as its size tells."""
        waiting = self._waiting()
        if waiting and waiting.has_blob(descriptor):
            return True
        extents = (archive.extent(descriptor.digest) for archive in self._archives)
        return any(extent is not None and extent.size == descriptor.size for extent in extents)

    def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Let a blob wait; see `ImageDestination.put_blob`."""
        with self._keeping() as waiting:
            waiting.put_blob(descriptor, content)

    def put_manifest(self, document: Document) -> None:
        """Let a manifest or index wait; see `ImageDestination.put_manifest`."""
        with self._keeping() as waiting:
            waiting.put_manifest(document)

    def put_referrer(self, document: Document) -> None:
        """Let a manifest that has a subject wait, for as long as this is open: what takes whole images takes none."""
        self.put_manifest(document)
        told = describe(document).raw | {"artifactType": document.json["artifactType"]}
        with self._lock:
            self._referrers.setdefault(subject_of(document), {})[document.digest] = Descriptor.model_validate(told)

    def referrers(self, subject: Digest) -> tuple[Descriptor, ...]:
        """Return what was put that says something of a manifest."""
        with self._lock:
            return tuple(self._referrers.get(subject, {}).values())

    def close(self) -> None:
        """Close the archives, and remove what waits."""
        with self._lock:
            for archive in self._archives:
                archive.close()
            self._archives.clear()
            if self._directory is not None:
                self._directory.cleanup()
                self._directory = None

    def not_found(self, what: str) -> ImageNotFound:
        """Return the error for what is not there."""
        return ImageNotFound(
            f"There is no {what} in {self._repository}",
            "Correct the name or digest in `image`, `old-base` or `new-base`.",
        )

    def _archived(self, digest: Digest, expected: Descriptor | None) -> Manifest | Index:
        for archive in reversed(self._archives):
            content = self._document(archive, digest)
            if content is not None:
                size = expected.size if expected else len(content)
                whole = b"".join(verified(self._counted(iter((content,))), digest, size, self._where(digest)))
                return parse_manifest(expected.media_type if expected else None, whole, digest)
        raise self.not_found(f"image {digest}")

    def _document(self, archive: OpenArchive, digest: Digest) -> bytes | None:
        try:
            return archive.document(digest)
        except OSError as error:
            raise broken(self._repository, error) from error

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            for chunk in chunks:
                self._traffic.count(down=len(chunk))
                yield chunk
        except OSError as error:
            raise broken(self._repository, error) from error

    def _waiting(self) -> OciLayout | None:
        directory = self._directory
        return None if directory is None else _layout(directory.name)

    @contextmanager
    def _keeping(self) -> Iterator[OciLayout]:
        try:
            with self._lock:
                self._directory = self._directory or tempfile.TemporaryDirectory(prefix="rebaser-")
            yield _layout(self._directory.name)
        except OSError as error:
            raise self.no_room(error.strerror or str(error)) from error
        except TransportError as error:
            if error.code != "layout-unwritable":
                raise
            raise self.no_room(error.message) from error

    def no_room(self, reason: str) -> TransportError:
        """Return the error for a temporary directory that takes no more."""
        return TransportError(
            "temporary-unwritable",
            f"What is to be written to {self._repository} cannot be kept until then: {reason}",
            f"Make room in {tempfile.gettempdir()}, or set the variable TMPDIR to a directory with more of it.",
        )

    def _where(self, digest: Digest) -> str:
        return f"{self._repository}, asked for {digest},"


def _layout(directory: str) -> OciLayout:
    return OciLayout(Repository(Transport.OCI_LAYOUT, "", str(Path(directory))), Traffic())
