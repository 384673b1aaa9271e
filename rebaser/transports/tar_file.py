"""Where in a tar file on disk each member's content lies, so that it is read from there and nothing is unpacked.

The headers are read by the reader of layers, which refuses what tar readers would find in different ways.
"""

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.layers.entry import clean_path
from rebaser.layers.extended import BLOCK, headers
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.tar import Member, Members

LIMITS = Limits(entries=100_000)  # a saved image has three members a layer at most
_MAX_LINKS = 8  # that lead to each other
_CHUNK = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Extent:
    """A part of the file: offset and size in bytes."""

    at: int
    size: int


class TarFile:
    """The members of the tar archive that an open file holds. Any number of threads may read.

    Raises:
        UnreadableError: it is no tar archive, or one that readers could understand differently.
        OSError: it cannot be read.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._contents: dict[str, Extent] = {}
        self._links: dict[str, str] = {}
        self._twice: set[str] = set()
        jumping, members = _Jumping(file), Members(LIMITS)
        for header, extended in headers(jumping, LIMITS):
            if header[156:157] == b"S" or any(name.startswith("GNU.sparse.") for name in extended):
                raise UnreadableError("it has a sparse member")
            member, content = members.read(header, extended, jumping, jumping)
            self._add(member, Extent(jumping.at, member.size))
            content.finish()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all files, without slashes at either end; links are not among them."""
        return tuple(self._contents)

    def find(self, name: str) -> Extent | None:
        """Return where the content of a file lies, also of one that a link leads to; None where there is none.

        Raises:
            UnreadableError: there are several of that name, or it is a link that leads nowhere.
        """
        if name in self._twice:
            raise UnreadableError(f"it has two members called {name}")
        path = name
        for _ in range(_MAX_LINKS):
            if path not in self._links:
                return self._contents.get(path)
            path = self._links[path]
        raise UnreadableError(f"the link {name} leads nowhere")

    def read(self, extent: Extent, limit: int) -> bytes:
        """Return what lies there, at most `limit` bytes.

        Raises:
            UnreadableError: it is larger.
        """
        if extent.size > limit:
            raise UnreadableError(f"a member has {extent.size} bytes, more than the {limit} that are accepted")
        return b"".join(self.chunks(extent))

    def chunks(self, extent: Extent) -> Iterator[bytes]:
        """Yield what lies there in pieces; fewer bytes if somebody cut the file meanwhile."""
        at, end = extent.at, extent.at + extent.size
        while at < end and (chunk := os.pread(self._file, min(_CHUNK, end - at), at)):
            at += len(chunk)
            yield chunk

    def _add(self, member: Member, extent: Extent) -> None:
        path = clean_path(member.path, LIMITS)
        if member.kind not in "012":
            return
        if path in self._contents or path in self._links:
            self._twice.add(path)
        elif member.kind == "0":
            self._contents[path] = extent
        else:
            start = posixpath.dirname(path) if member.kind == "2" else ""
            self._links[path] = posixpath.normpath(posixpath.join(start, member.link))


class _Jumping:
    """Reads a file forwards, and passes over what is not wanted without reading it."""

    def __init__(self, file: int) -> None:
        self.at = 0
        self._file = file
        self._size = os.fstat(file).st_size
        self._head, self._head_at = b"", 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        self._require(count)
        if not self._head_at <= self.at <= self._head_at + len(self._head) - count:
            self._head, self._head_at = os.pread(self._file, max(count, 2 * BLOCK), self.at), self.at
        start = self.at - self._head_at
        self.at += count
        return self._head[start : start + count]

    def take_or_end(self, count: int) -> bytes:
        """Return the next `count` bytes, or nothing at the very end."""
        return self.take(count) if self.at < self._size else b""

    def skip(self, count: int) -> None:
        """Pass over `count` bytes."""
        self._require(count)
        self.at += count

    def parts(self, count: int) -> Iterator[memoryview]:
        """Yield the next `count` bytes."""
        yield memoryview(self.take(count))

    def _require(self, count: int) -> None:
        if count > self._size - self.at:
            raise UnreadableError("its tar archive ends too early")
