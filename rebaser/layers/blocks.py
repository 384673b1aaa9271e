"""The members of a layer's tar archive with the very blocks that they stand in, for who passes them on."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rebaser.layers.extended import headers
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.stream import Stream
from rebaser.layers.tar import Member, Members

_HEADERS = 8  # times `Limits.pax`: how many bytes the headers of one entry may have, which are kept


class Blocks(NamedTuple):
    """One entry with the blocks that it stands in: those of its headers, the entry's own last, then all the others.

    `extended` is what the headers before its own say, as `extended.headers` gives it. `map` is that of a sparse file,
    where it stands behind the headers. `content` is as it is stored, with the padding: read all of it, or nothing.
    """

    member: Member
    extended: Mapping[str, bytes]
    headers: bytes
    map: bytes
    content: Iterator[memoryview]


def walk_blocks(stream: Stream, limits: Limits) -> Iterator[Blocks]:
    """Yield every member with its blocks; the stream is read to its end. What follows the last member is left out.

    Raises:
        UnreadableError: as `walk`; or the headers of one entry are too many to be kept.
    """
    source, members = _Copied(stream, _HEADERS * limits.pax), Members(limits)
    for header, extended in headers(source, limits):
        head = source.copy()
        member, content = members.read(header, extended, source, stream)
        yield Blocks(member, extended, head, source.copy(), content.stored())
        content.finish()
    stream.drain()


class _Copied:
    """Takes of a stream and keeps a copy. Taking more than `most` bytes between two copies is an `UnreadableError`."""

    def __init__(self, stream: Stream, most: int) -> None:
        self._stream = stream
        self._most = most
        self._kept = bytearray()

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        return self._keep(self._stream.take(count))

    def take_or_end(self, count: int) -> bytes:
        """Return the next `count` bytes, or nothing at the very end."""
        return self._keep(self._stream.take_or_end(count))

    def skip(self, count: int) -> None:
        """Pass over `count` bytes."""
        self.take(count)

    def copy(self) -> bytes:
        """Return what was taken since the last copy."""
        kept, self._kept = bytes(self._kept), bytearray()
        return kept

    def _keep(self, taken: bytes) -> bytes:
        if len(self._kept) + len(taken) > self._most:
            raise UnreadableError(f"the headers of one entry have more than {self._most} bytes")
        self._kept += taken
        return taken
