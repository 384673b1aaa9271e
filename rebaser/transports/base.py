"""The seam between the rebaser and the places where images live.

A store is one repository of a registry or an engine, one OCI layout directory, or one archive. Everything that is read
has been held against its digest and size; the only errors let out are `TransportError` and `ImageError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from rebaser.errors import ImageError
from rebaser.oci.digest import Digest
from rebaser.oci.reference import Repository
from rebaser.printable import size as readable

if TYPE_CHECKING:  # start-up: a request can be under way before documents can be understood
    from rebaser.oci.descriptor import Descriptor
    from rebaser.oci.document import Document
    from rebaser.oci.manifest import Index, Manifest

Content = Callable[[], AbstractContextManager[Iterator[bytes]]]
"""A blob's bytes, from the start at each call: an upload that broke off can be tried again."""


class BlobSource(Protocol):
    """What documents and blobs can be read from, by digest."""

    @property
    def repository(self) -> Repository:
        """Return the place."""

    def manifest(self, name: str, expected: Descriptor | None = None) -> Manifest | Index:
        """Return the manifest or index that `name`, a tag or a digest, names; `expected` is what an index said of it.

        Raises:
            ImageNotFound: there is none.
            ImageError: its bytes are not those of the digest, or not a manifest.
            TransportError: it could not be read.
        """

    def referrers(self, subject: Digest) -> tuple[Descriptor, ...]:
        """Return what says something of a manifest; none where nothing does.

        Raises:
            ImageError: the list is no index.
            TransportError: it could not be read.
        """

    def blob(self, descriptor: Descriptor) -> AbstractContextManager[Iterator[bytes]]:
        """Open a blob; its bytes are verified once the iterator is exhausted, and not before.

        Raises:
            ImageNotFound: there is none.
            ImageError: on reading to the end, when the bytes are not those of the digest.
            TransportError: it could not be read.
        """


class ImageSource(BlobSource, Protocol):
    """A place that images can be read from."""

    def resolve(self, tag: str) -> Digest | None:
        """Return the digest that `tag` names now, None when there is no such tag.

        Raises:
            TransportError: it could not be found out.
        """

    def untagged(self) -> str:
        """Return the tag, or else the digest, that a reference with neither means here.

        Raises:
            TransportError: it could not be found out.
        """


class ImageDestination(Protocol):
    """A place that images can be written to. Blobs first, then manifests, then tags."""

    @property
    def repository(self) -> Repository:
        """Return the place."""

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Answer whether the blob is there already. An unclear answer is no."""

    def mount_blob(self, descriptor: Descriptor, source: Repository) -> bool:
        """Make `source`'s blob this repository's without moving bytes; False when that cannot be done here."""

    def expect_upload(self) -> Callable[[], None]:
        """Say that a blob will be put that is not known yet; return what may be run ahead of it, to save time."""

    def close_uploads(self) -> None:
        """Give up what was made ready and not needed. What goes wrong is not told."""

    def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Store a blob, streaming.

        Raises:
            TransportError: the place refused it.
        """

    def put_manifest(self, document: Document) -> None:
        """Store a manifest or index under its digest.

        Raises:
            TransportError: the place refused it, or says that it stored something else.
        """

    def lists_referrers(self, subject: Digest) -> bool:
        """Answer whether the place itself lists what refers to a manifest; where it does, storing that is enough.

        Raises:
            TransportError, ImageError: it could not be found out.
        """

    def put_referrer(self, document: Document) -> None:
        """Store a manifest that has a subject, so that whoever has the subject's digest finds it.

        Raises:
            TransportError: the place refused it.
        """

    def put_tag(self, tag: str, document: Document) -> None:
        """Make `tag` name a stored manifest or index.

        Raises:
            TransportError: the place refused it.
        """


class ImageStore(ImageSource, ImageDestination, Protocol):
    """A place for both."""


class Transports(Protocol):
    """Opens places. The same repository gives the same store, so that connections and tokens are shared."""

    def open(self, repository: Repository) -> ImageStore:
        """Return the store at `repository`; nothing is contacted yet."""


def read_blob(source: BlobSource, descriptor: Descriptor, limit: int) -> bytes:
    """Return a whole blob of at most `limit` bytes, verified.

    Raises:
        ImageError: `too-large`, and what `BlobSource.blob` raises.
    """
    if descriptor.size > limit:
        raise ImageError(
            "too-large",
            f"The blob {descriptor.digest} in {source.repository} has {readable(descriptor.size)}, "
            f"more than the {readable(limit)} that are accepted",
            "Name another image: a document of this size is not one that container tools write.",
        )
    with source.blob(descriptor) as chunks:
        return b"".join(chunks)
