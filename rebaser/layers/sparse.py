"""Sparse files in a tar archive, in the four ways in which GNU tar has written them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rebaser.layers.header import GNU, USTAR, number
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.stream import Source, zeros

_BLOCK = 512
_PART = 24  # bytes of one part in an old header: offset and length
_DIGITS = 18  # of a number in a map
_PAX = "GNU.sparse."
_VERSION = (_PAX + "major", _PAX + "minor")
_IN_RECORDS = ((None, None), (b"0", b"0"), (b"0", b"1"))
_IN_CONTENT = (b"1", b"0")


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
    """How a member's content is stored: its real size, its parts (None: as it is), and what its map took of it.

    `holes` are the bytes that are not stored.
    """

    size: int
    parts: tuple[Part, ...] | None = None
    taken: int = 0
    holes: int = 0


def parts(header: bytes, extended: dict[str, bytes], stored: int, stream: Source, limits: Limits) -> Layout:
    """Return the layout of a member; the stream stands behind the map, where there is one.

    Raises:
        UnreadableError: the map does not fit the file, or not every reader finds it.
    """
    is_old = header[156:157] == b"S"
    if extended and any(name.startswith(_PAX) for name in extended):
        if header[156:157] not in b"\0" + b"07" or header[257:263] != USTAR:
            raise UnreadableError("a sparse file is of a kind that cannot be one, or is one in two ways")
        return _pax(extended, stored, stream, limits)
    return _old(header, stored, stream, limits) if is_old else Layout(stored)


def _old(header: bytes, stored: int, stream: Source, limits: Limits) -> Layout:
    if header[257:265] != GNU:
        raise UnreadableError("a sparse file is written in a way that is not known")
    told = list(_old_parts(header[386:482]))
    more = header[482]
    while more:
        block = stream.take(_BLOCK)
        told += _old_parts(block[:504])
        more = block[504]
        _check_count(told, limits)
    return _layout(told, number(header[483:495]), stored, 0)


def _old_parts(field: bytes) -> Iterator[tuple[int, int]]:
    for at in range(0, len(field), _PART):
        if not field[at]:
            return
        yield number(field[at : at + 12]), number(field[at + 12 : at + _PART])


def _pax(extended: dict[str, bytes], stored: int, stream: Source, limits: Limits) -> Layout:
    version = tuple(map(extended.get, _VERSION))
    sizes = {extended[name] for name in (_PAX + "realsize", _PAX + "size") if name in extended}
    if len(sizes) != 1:
        raise UnreadableError("a sparse file has no real size, or two")
    size = int(sizes.pop())
    if version == _IN_CONTENT:
        told, taken = _map_in_content(stream, stored, limits)
        return _layout(told, size, stored, taken)
    if version not in _IN_RECORDS or _PAX + "map" not in extended:
        raise UnreadableError("a sparse file is written in a way that is not known")
    numbers = list(map(int, extended[_PAX + "map"].split(b",")))
    if len(numbers) != 2 * int(extended.get(_PAX + "numblocks", b"0")):
        raise UnreadableError("a sparse file's map has not as many parts as are told")
    told = list(zip(numbers[::2], numbers[1::2], strict=True))
    _check_count(told, limits)
    return _layout(told, size, stored, 0)


def _map_in_content(stream: Source, stored: int, limits: Limits) -> tuple[list[tuple[int, int]], int]:
    """Return the parts that stand, as decimal lines, in the first blocks of the content, and the blocks' length."""
    lines, blocks, wanted = [b""], 0, 1
    while len(lines) <= wanted:
        if (blocks + 1) * _BLOCK > stored or blocks * _BLOCK > limits.pax or len(lines[-1]) > _DIGITS:
            raise UnreadableError("a sparse file's map has no end")
        unfinished = lines.pop()
        lines += (unfinished + stream.take(_BLOCK)).split(b"\n")
        blocks += 1
        wanted = 2 * _decimal(lines[0]) + 1
        if wanted > 2 * limits.sparse_parts + 1:
            raise UnreadableError(f"a sparse file has more than {limits.sparse_parts} parts")
    numbers = list(map(_decimal, lines[1:wanted]))
    return list(zip(numbers[::2], numbers[1::2], strict=True)), blocks * _BLOCK


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > _DIGITS:
        raise UnreadableError("a sparse file's map holds a number that is none")
    return int(digits)


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
    held = sum(length for _, length in told)
    if at > size or held + taken != stored:
        raise UnreadableError("a sparse file's map does not fit its size")
    return Layout(size, (*made, Part(size - at, 0)), taken, size - held)
