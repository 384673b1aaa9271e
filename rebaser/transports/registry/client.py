"""A repository of a registry, as an `ImageStore`. OCI distribution specification, sections Pull and Push.

No ping, no HEAD before a mount. Manifests, uploads and downloads each have a module of their own; here they meet.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import httpx

from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest, verified
from rebaser.oci.document import Document
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.reference import DEFAULT_TAG, Repository
from rebaser.transports.base import Content
from rebaser.transports.referrers import add_referrer, subject_of, tagged_referrers
from rebaser.transports.registry.connection import Ask, Connection, Headers
from rebaser.transports.registry.download import Download
from rebaser.transports.registry.manifests import Manifests
from rebaser.transports.registry.responses import Errand, Kind
from rebaser.transports.registry.retry import MAX_ERROR_BODY, Timing
from rebaser.transports.registry.scopes import PULL, Scope
from rebaser.transports.registry.upload import Uploads

_RAW: Headers = (("Accept-Encoding", "identity"),)


class RegistryRepository:
    """One repository. Callable from several threads."""

    def __init__(self, repository: Repository, connection: Connection, timing: Timing) -> None:
        self._repository = repository
        self._connection = connection
        self._timing = timing
        self._manifests = Manifests(connection, repository, timing)
        self._uploads = Uploads(connection, repository, self.has_blob, timing)

    @property
    def repository(self) -> Repository:
        """Return the repository."""
        return self._repository

    def resolve(self, tag: str) -> Digest | None:
        """Return the digest that `tag` names, None when there is no such tag.

        Raises:
            TransportError: it could not be found out.
        """
        return self._manifests.resolve(tag)

    def untagged(self) -> str:
        """Return the tag that a reference without one means."""
        return DEFAULT_TAG

    def manifest(self, name: str, expected: Descriptor | None = None) -> Manifest | Index:
        """Return what `name`, a tag or a digest, names; `expected` is what an index said of it.

        Raises:
            ImageNotFound: there is none.
            ImageError: its bytes are not those of the digest, or not a manifest.
            TransportError: it could not be read.
        """
        return self._manifests.read(name, expected)

    @contextmanager
    def blob(self, descriptor: Descriptor) -> Iterator[Iterator[bytes]]:
        """Open a blob; its bytes are verified once the iterator is exhausted, and not before.

        Raises:
            ImageNotFound: there is none.
            ImageError: on reading to the end, when the bytes are not those of the digest.
            TransportError: it could not be read.
        """
        errand = self._reading("the blob", descriptor.digest)

        def open_at(position: int) -> AbstractContextManager[httpx.Response]:
            place = (("Range", f"bytes={position}-"),) if position else ()
            ask = self._pull("GET", descriptor.digest, errand, (*_RAW, *place), limit=None)
            return self._connection.stream(ask)

        download = Download(open_at, descriptor.size, errand, self._timing)
        with open_at(0) as first, closing(download.chunks(first)) as chunks:
            yield verified(chunks, descriptor.digest, descriptor.size, errand.subject)

    def referrers(self, subject: Digest) -> tuple[Descriptor, ...]:
        """Return what says something of a manifest; see `ImageSource.referrers`."""
        listed = self._manifests.referrers(subject)
        return listed.view.manifests if listed is not None else tagged_referrers(self, subject)

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Answer whether the blob is there. An unclear answer is no.

        Raises:
            TransportError: no answer.
        """
        errand = self._reading("the question for a blob", descriptor.digest)
        answer = self._connection.ask(self._pull("HEAD", descriptor.digest, errand, _RAW, MAX_ERROR_BODY))
        length = answer.headers.get("content-length", "")
        return answer.is_ok and length in ("", "0", str(descriptor.size))

    def mount_blob(self, descriptor: Descriptor, source: Repository) -> bool:
        """Make `source`'s blob this repository's without moving bytes; False when that cannot be done here.

        Raises:
            TransportError: no answer.
        """
        if (source.transport, source.registry) != (self._repository.transport, self._repository.registry):
            return False
        return self.has_blob(descriptor) if source == self._repository else self._uploads.mount(descriptor, source)

    def expect_upload(self) -> Callable[[], None]:
        """Return what opens an upload for a blob that will be put; see `ImageDestination.expect_upload`."""
        return self._uploads.expect()

    def close_uploads(self) -> None:
        """Give up what was opened ahead and nothing needed."""
        self._uploads.close_expected()

    def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Store a blob, streaming.

        Raises:
            TransportError: the registry refused it.
        """
        self._uploads.put(descriptor, content)

    def put_manifest(self, document: Document) -> None:
        """Store a manifest or index under its digest.

        Raises:
            TransportError: the registry refused it (`manifest-blob-unknown`: a blob of it is missing), or says that
                it stored something else.
        """
        self._manifests.put(document)

    def lists_referrers(self, subject: Digest) -> bool:
        """Answer whether the registry has the referrers API; see `ImageDestination.lists_referrers`."""
        return self._manifests.lists_referrers(subject)

    def put_referrer(self, document: Document) -> None:
        """Store a manifest that has a subject; see `ImageDestination.put_referrer`.

        A registry that lists no referrers gets the list under a tag. OCI distribution specification, "Pushing
        Manifests with Subject".
        """
        self._manifests.put(document)
        if not self._manifests.lists_referrers(subject_of(document)):
            add_referrer(self, document)

    def put_tag(self, tag: str, document: Document) -> None:
        """Make `tag` name a stored manifest or index.

        Raises:
            TransportError: the registry refused it; `tag-immutable`, when the tag exists and cannot be moved.
        """
        self._manifests.put_tag(tag, document)

    def _pull(self, method: str, digest: Digest, errand: Errand, headers: Headers, limit: int | None) -> Ask:
        path = f"/v2/{self._repository.path}/blobs/{digest}"
        return Ask(method, path, (Scope(self._repository.path, PULL),), errand, headers, limit=limit)

    def _reading(self, step: str, digest: Digest) -> Errand:
        return Errand(Kind.READ, self._repository, step, digest)
