"""Brings blobs into a repository: by mounting, else in one request, else in chunks. distribution-spec "Pushing blobs".

An upload whose end is unclear is looked for before it is tried again: some registries lose the answer, some the blob.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol
from urllib.parse import quote

import httpx

from rebaser.errors import RebaserError, TransportError
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest, mismatch
from rebaser.oci.reference import Repository
from rebaser.once import Once
from rebaser.transports.base import Content
from rebaser.transports.registry.connection import Ask, Connection, Headers
from rebaser.transports.registry.responses import Answer, Errand, Kind, misbehaved
from rebaser.transports.registry.retry import BUDGET, MAX_ERROR_BODY, NOT_NOW, Timing, backoff, retry_after
from rebaser.transports.registry.scopes import PULL, PUSH, Scope, merged
from rebaser.transports.registry.sessions import Session, Sessions
from rebaser.transports.registry.targets import origin_of

TRIES = 3  # of a whole upload
CHUNK = 4 * 1024 * 1024  # bytes; ghcr.io takes no more in one
MAX_CHUNK = 32 * 1024 * 1024  # bytes; what a registry may make us hold in memory

_BYTES = ("Content-Type", "application/octet-stream")
_CREATED, _ACCEPTED = 201, 202
_TRY_CHUNKS = (400, 404, 405, 413, 416)
_LOST = {"BLOB_UPLOAD_UNKNOWN", "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID"}
_FINAL = {"DIGEST_INVALID", "NAME_UNKNOWN", "NAME_INVALID", "DENIED"}
_NOT_ALLOWED = ("authentication-failed", "access-denied")


class HasBlob(Protocol):
    """Answers whether a blob is in the repository."""

    def __call__(self, descriptor: Descriptor) -> bool:
        """Answer it."""


@dataclass(slots=True)
class Uploads:
    """The uploads to one repository. Callable from several threads."""

    connection: Connection
    repository: Repository
    has_blob: HasBlob
    timing: Timing
    _sessions: Sessions = field(default_factory=Sessions)
    _mounts: Once = field(default_factory=Once)

    def expect(self) -> Callable[[], None]:
        """Return what opens an upload for a blob that is not known yet; the `put` that first needs one takes it."""
        return self._sessions.expect(lambda: self._opened(Errand(Kind.UPLOAD, self.repository, "an upload")))

    def close_expected(self) -> None:
        """Give up the uploads that were opened and not needed, as far as the registry cares to hear it."""
        for session in self._sessions.leave():
            with suppress(RebaserError):
                self._send("DELETE", session.url, Errand(Kind.UPLOAD, self.repository, "the end of an upload"))

    def mount(self, descriptor: Descriptor, source: Repository) -> bool:
        """Make a blob of another repository of the registry ours; False when that cannot be done. Done once.

        A registry that opens an upload instead will be held to it by `put`.

        Raises:
            TransportError: no answer.
        """
        key = (descriptor.digest, source)
        try:
            return self._mounts.answer(key, lambda: self._mount(descriptor, source))
        except TransportError:
            self._mounts.forget(key)
            raise

    def _mount(self, descriptor: Descriptor, source: Repository) -> bool:
        errand = self._errand("the mount", descriptor.digest)
        query = f"?mount={quote(descriptor.digest, safe='')}&from={quote(source.path, safe='')}"
        scopes = merged((Scope(self.repository.path, PUSH), Scope(source.path, PULL)))
        try:
            answer = self.connection.ask(Ask("POST", self._path + query, scopes, errand, limit=MAX_ERROR_BODY))
        except TransportError as error:
            if error.code in _NOT_ALLOWED:
                return False
            raise
        if answer.status == _ACCEPTED:
            self._sessions.offer(descriptor.digest, self._session(answer, errand))
        return answer.status == _CREATED

    def put(self, descriptor: Descriptor, content: Content) -> None:
        """Store a blob: in one request, in chunks where the registry wants that, and again where it lost it.

        Raises:
            TransportError: it could not be stored.
            ImageError: the content is not of the size that was promised.
        """
        content = _exact(content, descriptor)
        chunked = False
        for number in count(1):
            failure = self._attempt(descriptor, content, chunked=chunked)
            if failure is None or self._is_there(descriptor):
                return
            if number == TRIES or not failure.again:
                raise failure.error
            chunked = failure.chunks
            self.timing.sleep(backoff(number, self.timing) if failure.wait is None else failure.wait)

    def _is_there(self, descriptor: Descriptor) -> bool:
        try:
            return self.has_blob(descriptor)
        except TransportError:
            return False

    def _attempt(self, descriptor: Descriptor, content: Content, *, chunked: bool) -> "_Failure | None":
        errand = self._errand("the blob upload", descriptor.digest)
        session = self._sessions.take(descriptor.digest, lambda: self._opened(errand))
        try:
            send = self._in_chunks if chunked else self._whole
            answer = send(session, descriptor, content, errand)
        except TransportError as error:
            if error.code != "registry-unavailable":
                raise
            return _Failure(error, again=True, chunks=chunked)
        return None if answer.status in (200, _CREATED, 204) else self._judged(answer, errand, chunked=chunked)

    def _judged(self, answer: Answer, errand: Errand, *, chunked: bool) -> "_Failure":
        error = self.connection.refused(answer, errand)
        codes = set(answer.codes)
        lost = answer.status in NOT_NOW or answer.status == _ACCEPTED or bool(codes & _LOST)
        better_in_chunks = answer.status in _TRY_CHUNKS and not chunked and not lost and not codes & _FINAL
        wait = retry_after(answer.headers.get("retry-after"), self.timing.now())
        wait = None if wait is None else min(wait, BUDGET)
        return _Failure(error, again=lost or better_in_chunks, chunks=chunked or better_in_chunks, wait=wait)

    def _opened(self, errand: Errand) -> Session:
        answer = self._send("POST", self._path, errand)
        if answer.status != _ACCEPTED:
            raise self.connection.refused(answer, errand)
        return self._session(answer, errand)

    def _whole(self, session: Session, descriptor: Descriptor, content: Content, errand: Errand) -> Answer:
        headers = (_BYTES, ("Content-Length", str(descriptor.size)))
        return self._send("PUT", _committing(session.url, descriptor.digest), errand, headers, content)

    def _in_chunks(self, session: Session, descriptor: Descriptor, content: Content, errand: Errand) -> Answer:
        url, position = session.url, 0
        with content() as chunks:
            for chunk in sized(chunks, session.chunk):
                place = ("Content-Range", f"{position}-{position + len(chunk) - 1}")
                answer = self._send("PATCH", url, errand, (_BYTES, place), chunk)
                if not answer.is_ok:
                    return answer
                url, position = self._location(answer, errand), position + len(chunk)
        return self._send("PUT", _committing(url, descriptor.digest), errand, (_BYTES,))

    def _session(self, answer: Answer, errand: Errand) -> Session:
        smallest = answer.headers.get("oci-chunk-min-length", "")
        wanted = int(smallest) if smallest.isascii() and smallest.isdigit() and len(smallest) < 19 else 0  # noqa: PLR2004
        return Session(self._location(answer, errand), min(max(CHUNK, wanted), MAX_CHUNK))

    def _location(self, answer: Answer, errand: Errand) -> httpx.URL:
        url = self.connection.target(answer.url, answer.headers.get("location"), errand)
        elsewhere = origin_of(url) != self.connection.origin
        if elsewhere and url.scheme != "https" and origin_of(url).authority not in self.connection.trusted:
            raise misbehaved(errand, f"it wants the blob sent to {origin_of(url)}, which is not encrypted")
        return url

    def _send(
        self,
        method: str,
        target: str | httpx.URL,
        errand: Errand,
        headers: Headers = (),
        body: bytes | Content = b"",
    ) -> Answer:
        scopes = (Scope(self.repository.path, PUSH),)
        return self.connection.ask(Ask(method, target, scopes, errand, headers, body, MAX_ERROR_BODY))

    def _errand(self, step: str, digest: Digest) -> Errand:
        return Errand(Kind.UPLOAD, self.repository, f"{step} of {digest}")

    @property
    def _path(self) -> str:
        return f"/v2/{self.repository.path}/blobs/uploads/"


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an upload did not end well, whether another may, whether that one should be in chunks, and when."""

    error: TransportError
    again: bool
    chunks: bool = False
    wait: float | None = None  # seconds, where the registry said so


def _exact(content: Content, descriptor: Descriptor) -> Content:
    """Return the same content, which stops with an error before it has announced one size and sent another."""

    @contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        with content() as chunks:
            yield _counted(chunks, descriptor)

    return opened


def _counted(chunks: Iterator[bytes], descriptor: Descriptor) -> Iterator[bytes]:
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > descriptor.size:
            break
        yield chunk
    if seen != descriptor.size:
        raise mismatch(f"The source of {descriptor.digest}", f"other than the {descriptor.size} bytes it should have")


def sized(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of `size`; the last may be shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def _committing(url: httpx.URL, digest: Digest) -> httpx.URL:
    """Return the address that ends an upload. What the registry put into its query stays as it is."""
    return httpx.URL(f"{url}{'&' if url.query else '?'}digest={quote(digest, safe='')}")
