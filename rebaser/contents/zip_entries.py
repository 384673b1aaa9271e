"""The entries of a zip archive, read without inflating more of any than was asked for.

The central directory is walked here, within bounds, rather than by the standard library: that makes an object of every
entry before the first can be looked at, and a small archive can list very many.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.contents.malformed import MalformedError

_MAX_ENTRIES = 200_000
_MAX_NAME = 4096  # bytes
_LONGEST_COMMENT = 65_535  # bytes, after the end record
_END = struct.Struct("<4s8xLL2x")
_ENTRY = struct.Struct("<4s4xHH8xLLHHH8xL")
_LOCAL = struct.Struct("<4s22xHH")
STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1
_IN_ZIP64 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """An entry: its name, and where in the archive what it holds begins, how many bytes it takes, and how."""

    name: str
    method: int
    offset: int
    packed: int
    size: int


def entries(body: bytes) -> Iterator[ZipEntry]:
    """Yield the entries of an archive in the order of its directory; those it encrypts are left out.

    Raises:
        MalformedError: it is no zip archive, is broken, or has too many entries.
    """
    at, length, shift = _directory(body)
    end = at + length
    for _ in range(_MAX_ENTRIES):
        if at >= end:
            return
        if at + _ENTRY.size > end:
            raise MalformedError(f"the entry of the archive's directory at byte {at} is cut off")
        signature, flags, method, packed, size, name, extra, comment, offset = _ENTRY.unpack_from(body, at)
        if signature != b"PK\1\2":
            raise MalformedError(f"at byte {at} of the archive there is no entry of its directory")
        raw = body[at + _ENTRY.size : at + _ENTRY.size + min(name, _MAX_NAME)]
        at += _ENTRY.size + name + extra + comment
        if not flags & _ENCRYPTED and _IN_ZIP64 not in (packed, size, offset):
            yield ZipEntry(raw.decode("utf-8", "replace"), method, offset + shift, packed, size)
    raise MalformedError(f"the archive has more than {_MAX_ENTRIES} entries")


def first_bytes(body: bytes, entry: ZipEntry, count: int) -> bytes:
    """Return up to `count` of the first bytes that an entry holds.

    Raises:
        MalformedError: it does not lie where the directory says, or cannot be inflated.
    """
    if not count or entry.method == STORED:  # to zlib, no bytes are all bytes
        return _packed(body, entry, count)
    if entry.method != _DEFLATED:
        raise MalformedError(f"an entry is compressed in a way ({entry.method}) that is not read")
    try:
        # Nothing sensible needs more than this to begin; what does is taken for broken.
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(_packed(body, entry, 2 * count + 4096), count)
    except zlib.error as error:
        raise MalformedError(f"an entry cannot be inflated: {error}") from error


def _packed(body: bytes, entry: ZipEntry, most: int) -> bytes:
    if entry.offset < 0 or entry.offset + _LOCAL.size > len(body):
        raise MalformedError("an entry lies outside of the archive")
    signature, name, extra = _LOCAL.unpack_from(body, entry.offset)
    if signature != b"PK\3\4":
        raise MalformedError(f"at byte {entry.offset} of the archive there is no entry")
    begin = entry.offset + _LOCAL.size + name + extra
    return body[begin : begin + min(entry.packed, most)]


def _directory(body: bytes) -> tuple[int, int, int]:
    """Return where the directory begins and how long it is, and what is to be added to each offset in it.

    An executable jar has a script before its first entry, which its offsets may or may not count.
    """
    found = body.rfind(b"PK\5\6", max(0, len(body) - _LONGEST_COMMENT - _END.size))
    if found < 0 or found + _END.size > len(body):
        raise MalformedError("it has no end record of a zip archive")
    _, length, offset = _END.unpack_from(body, found)
    shift = found - length - offset
    if _IN_ZIP64 in (length, offset) or shift < 0:
        raise MalformedError("the end record of the archive does not point to its directory")
    return offset + shift, length, shift
