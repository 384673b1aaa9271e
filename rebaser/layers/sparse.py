"""Sparse files in a tar archive, in the four ways in which GNU tar has written them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.pax import number
from rebaser.layers.stream import Source, zeros

_BLOCK = 512
_PART = 24  # bytes of one part in an old header: offset and length
_MAX_SIZE = 8 << 30  # of one sparse file; its zeros cost nothing to store, and time to read


@dataclass(frozen=True, slots=True)
class Part:
    """A stored part: how many zeros come before it, and how long it is."""

    gap: int
    length: int

    def zeros_before(self) -> Iterator[memoryview]:
        """Yield the zeros that were left out before it."""
        return zeros(self.gap)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a member's content is stored: its real size, its parts (None: as it is), and what its map took of it."""

    size: int
    parts: tuple[Part, ...] | None = None
    taken: int = 0


def parts(header: bytes, extended: dict[str, bytes], stored: int, stream: Source, limits: Limits) -> Layout:
    """Return the layout of a member; the stream stands behind the map, where there is one.

    Raises:
        UnreadableError: the map does not fit the file.
    """
    if header[156:157] == b"S":
        return _old(header, stored, stream, limits)
    if extended and any(name.startswith("GNU.sparse.") for name in extended):
        return _pax(extended, stored, stream, limits)
    return Layout(stored)


def _old(header: bytes, stored: int, stream: Source, limits: Limits) -> Layout:
    told = list(_old_parts(header[386:482]))
    more = header[482]
    while more:
        block = stream.take(_BLOCK)
        told += _old_parts(block[:504])
        more = block[504]
        _check_count(told, limits)
    return _layout(told, _octal(header[483:495]), stored, 0)


def _old_parts(field: bytes) -> Iterator[tuple[int, int]]:
    for at in range(0, len(field), _PART):
        if field[at]:
            yield _octal(field[at : at + 12]), _octal(field[at + 12 : at + _PART])


def _pax(extended: dict[str, bytes], stored: int, stream: Source, limits: Limits) -> Layout:
    version = (extended.get("GNU.sparse.major", b"0"), extended.get("GNU.sparse.minor", b"0"))
    size = number(extended.get("GNU.sparse.realsize") or extended.get("GNU.sparse.size", b""), "sparse size")
    if version == (b"1", b"0"):
        told, taken = _map_in_content(stream, stored, limits)
        return _layout(told, size, stored, taken)
    if version[0] == b"0" and "GNU.sparse.map" in extended:
        numbers = [number(text, "sparse map") for text in extended["GNU.sparse.map"].split(b",")]
        told = list(zip(numbers[::2], numbers[1::2], strict=False))
        _check_count(told, limits)
        if len(numbers) % 2:
            raise UnreadableError("a sparse file's map has an odd number of entries")
        return _layout(told, size, stored, 0)
    raise UnreadableError("a sparse file is written in a way that is not known")


def _map_in_content(stream: Source, stored: int, limits: Limits) -> tuple[list[tuple[int, int]], int]:
    """Return the parts that stand, as decimal lines, in the first blocks of the content, and the blocks' length."""
    lines, blocks, wanted = [b""], 0, 1
    while len(lines) <= wanted:
        if (blocks + 1) * _BLOCK > stored or blocks * _BLOCK > limits.pax:
            raise UnreadableError("a sparse file's map has no end")
        unfinished = lines.pop()
        lines += (unfinished + stream.take(_BLOCK)).split(b"\n")
        blocks += 1
        if len(lines) > 1:
            wanted = 2 * number(lines[0], "sparse map") + 1
    if wanted > 2 * limits.sparse_parts:
        raise UnreadableError(f"a sparse file has more than {limits.sparse_parts} parts")
    numbers = [number(entry, "sparse map") for entry in lines[1:wanted]]
    return list(zip(numbers[::2], numbers[1::2], strict=True)), blocks * _BLOCK


def _check_count(told: Sequence[object], limits: Limits) -> None:
    if len(told) > limits.sparse_parts:
        raise UnreadableError(f"a sparse file has more than {limits.sparse_parts} parts")


def _layout(told: Sequence[tuple[int, int]], size: int, stored: int, taken: int) -> Layout:
    at, made = 0, []
    for offset, length in told:
        if offset < at:
            raise UnreadableError("the parts of a sparse file overlap")
        made.append(Part(offset - at, length))
        at = offset + length
    if at > size or size > _MAX_SIZE or sum(length for _, length in told) + taken > stored:
        raise UnreadableError("a sparse file's map does not fit its size")
    return Layout(size, (*made, Part(size - at, 0)), taken)


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if not digits.isdigit() or b"8" in digits or b"9" in digits:
        raise UnreadableError("a sparse file's map holds a number that is none")
    return int(digits, 8)
