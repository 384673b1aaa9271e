"""The parts of an ELF file that a loader reads, kept while the file streams by.

A file of ordinary size is kept whole. Of a larger one the first segment is kept, which holds the tables, every segment
without code (tools that patch files move tables to a new one at the end), and what program headers point at.
"""

import struct
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rebaser.contents.malformed import MalformedError

WHOLE = 2 << 20  # bytes up to which a file is kept whole
MAX_KEPT = 32 << 20
_FIRST = 16 << 20  # of the first segment, which in older programs holds the code, too
_DATA = 4 << 20  # of each other segment without code
_HEAD = 64 << 10  # bytes in which the program headers must begin
_MAX_HEADERS = 512
LOAD, DYNAMIC, INTERPRETER, NOTE, PROPERTY = 1, 2, 3, 4, 0x6474E553
_EXECUTABLE = 1


class Header(NamedTuple):
    """The file's header, as far as it matters: where the program headers stand, how many and how large they are."""

    bits: int
    order: Literal["little", "big"]
    kind: int
    machine: int
    offset: int
    size: int
    several: int


class Segment(NamedTuple):
    """A program header; addresses and sizes in bytes."""

    kind: int
    flags: int
    offset: int
    address: int
    size: int


@dataclass(slots=True)
class Parts:
    """What was kept of a file of `size` bytes: pieces by their offset."""

    size: int
    pieces: list[tuple[int, bytearray]]

    def read(self, offset: int, count: int) -> bytes:
        """Return bytes of the file.

        Raises:
            MalformedError: they are not in the file, or were not kept.
        """
        if count < 0 or offset < 0 or offset + count > self.size:
            raise MalformedError("a table of the program lies outside of the file")
        for begin, piece in self.pieces:
            if begin <= offset and offset + count <= begin + len(piece):
                return bytes(piece[offset - begin : offset - begin + count])
        raise MalformedError("a table of the program lies where none is looked for")

    def up_to(self, offset: int, count: int) -> bytes:
        """Return at most `count` bytes, as many as were kept from `offset` on."""
        for begin, piece in self.pieces:
            if begin <= offset < begin + len(piece):
                return bytes(piece[offset - begin : offset - begin + count])
        raise MalformedError("a table of the program lies where none is looked for")


class Collector:
    """Is fed a file in pieces, and keeps the parts."""

    def __init__(self, size: int) -> None:
        self._parts = Parts(size, [(0, bytearray())])
        self._at = 0
        self._wanted: list[tuple[int, int]] | None = [(0, size)] if size <= WHOLE else None

    def feed(self, chunk: memoryview | bytes) -> None:
        """Take the next bytes of the file."""
        if self._wanted is None:
            head = self._parts.pieces[0][1]
            head += chunk
            self._at += len(chunk)
            if len(head) >= _HEAD:
                self._choose()
            return
        for (begin, end), (_, piece) in zip(self._wanted, self._parts.pieces, strict=True):
            start = begin + len(piece)
            if start < end and self._at <= start < self._at + len(chunk):
                piece.extend(chunk[start - self._at : end - self._at])
        self._at += len(chunk)

    def parts(self) -> Parts:
        """Return what was kept."""
        return self._parts

    def _choose(self) -> None:
        head = self._parts.pieces[0][1]
        wanted = merged(self._ranges(head), len(head))
        self._wanted = wanted
        pieces = [(begin, bytearray(head[begin:end] if begin < len(head) else b"")) for begin, end in wanted]
        self._parts.pieces[:] = pieces

    def _ranges(self, head: bytearray) -> list[tuple[int, int]]:
        try:
            header = read_header(bytes(head[:64]))
            table = header.offset + header.size * header.several
            if table > len(head):
                return [(0, min(self._parts.size, MAX_KEPT))]
            found = segments(header, bytes(head[header.offset : table]))
        except MalformedError:
            return [(0, len(head))]
        first = True
        ranges = [(0, len(head))]
        for segment in found:
            most = segment.size
            if segment.kind == LOAD:
                most = _FIRST if first else (_DATA if not segment.flags & _EXECUTABLE else 0)
                first = False
            elif segment.kind not in (DYNAMIC, INTERPRETER, NOTE, PROPERTY):
                continue
            count = min(most, segment.size, max(self._parts.size - segment.offset, 0))
            if count > 0:
                ranges.append((segment.offset, segment.offset + count))
        return ranges


def merged(ranges: list[tuple[int, int]], head: int) -> list[tuple[int, int]]:
    """Return the ranges in order and apart from each other, of at most `MAX_KEPT` bytes together beyond `head`."""
    out: list[tuple[int, int]] = []
    left = MAX_KEPT + head
    for begin, end in sorted(ranges):
        if out and begin <= out[-1][1]:
            begin, end = out[-1][0], max(end, out[-1][1])  # noqa: PLW2901
            left += out[-1][1] - out[-1][0]
            out.pop()
        end = min(end, begin + left)  # noqa: PLW2901
        if end > begin:
            out.append((begin, end))
            left -= end - begin
    return out


def read_header(head: bytes) -> Header:
    """Return the file's header.

    Raises:
        MalformedError: it is no ELF header, or one that no loader takes.
    """
    if len(head) < 52 or head[:4] != b"\x7fELF" or head[4] not in (1, 2) or head[5] not in (1, 2):  # noqa: PLR2004
        raise MalformedError("the header of the program is damaged")
    order: Literal["little", "big"] = "little" if head[5] == 1 else "big"
    mark = "<" if order == "little" else ">"
    wide = head[4] == 2  # noqa: PLR2004
    kind, machine = struct.unpack_from(f"{mark}HH", head, 16)
    if wide and len(head) < 64:  # noqa: PLR2004
        raise MalformedError("the header of the program is cut off")
    (offset,) = struct.unpack_from(f"{mark}{'Q' if wide else 'I'}", head, 32 if wide else 28)
    size, count = struct.unpack_from(f"{mark}HH", head, 54 if wide else 42)
    if count and size != (56 if wide else 32):
        raise MalformedError("the program headers have an impossible size")
    if count > _MAX_HEADERS:
        raise MalformedError(f"the program has {count} program headers")
    return Header(64 if wide else 32, order, kind, machine, offset, size, count)


def segments(header: Header, table: bytes) -> list[Segment]:
    """Return the program headers that stand in `table`."""
    mark = "<" if header.order == "little" else ">"
    if header.bits == 64:  # noqa: PLR2004
        rows = struct.iter_unpack(f"{mark}IIQQQQQQ", table)
        return [Segment(kind, flags, offset, address, size) for kind, flags, offset, address, _, size, _, _ in rows]
    rows = struct.iter_unpack(f"{mark}IIIIIIII", table)
    return [Segment(kind, flags, offset, address, size) for kind, offset, address, _, size, _, flags, _ in rows]
