"""Bytes that come in chunks of any size, taken in the sizes that a reader wants."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from rebaser.layers.limits import UnreadableError

_ZEROS = memoryview(bytes(1 << 18))


class Source(Protocol):
    """What the headers of a tar archive are read from: a `Stream`, or what copies one."""

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""

    def take_or_end(self, count: int) -> bytes:
        """Return the next `count` bytes, or nothing at the very end."""

    def skip(self, count: int) -> None:
        """Pass over `count` bytes."""


class Contents(Source, Protocol):
    """What headers and contents of a tar archive are read from: a `Stream`, or a file in which one can jump."""

    def parts(self, count: int) -> Iterator[memoryview]:
        """Yield the next `count` bytes in pieces."""


class Stream:
    """Reads forward only, and keeps one chunk."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._chunk = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes.

        Raises:
            UnreadableError: there are fewer.
        """
        at = self._at
        if at + count <= len(self._chunk):
            self._at = at + count
            return self._chunk[at : self._at]
        return b"".join(self.parts(count))

    def take_or_end(self, count: int) -> bytes:
        """Return the next `count` bytes, or nothing at the very end."""
        if self._at >= len(self._chunk) and not self._refill():
            return b""
        return self.take(count)

    def parts(self, count: int) -> Iterator[memoryview]:
        """Yield the next `count` bytes in pieces, uncopied.

        Raises:
            UnreadableError: there are fewer.
        """
        while count:
            if self._at >= len(self._chunk) and not self._refill():
                raise UnreadableError("its tar archive ends too early")
            piece = memoryview(self._chunk)[self._at : self._at + count]
            self._at += len(piece)
            count -= len(piece)
            yield piece

    def skip(self, count: int) -> None:
        """Pass over `count` bytes."""
        left = len(self._chunk) - self._at
        if count <= left:
            self._at += count
            return
        for _ in self.parts(count):
            pass

    def drain(self) -> None:
        """Pass over all that is left."""
        while self._refill():
            pass

    def _refill(self) -> bool:
        for chunk in self._chunks:
            if chunk:
                self._chunk, self._at = chunk, 0
                return True
        self._chunk, self._at = b"", 0
        return False


def zeros(count: int) -> Iterator[memoryview]:
    """Yield `count` zero bytes in pieces: what a sparse file leaves out."""
    while count:
        piece = _ZEROS[:count]
        count -= len(piece)
        yield piece
