"""Which gzip bytes hold these, the same on every machine and with every zlib? RFC 1952; stored blocks of RFC 1951."""

import struct
import zlib

from rebaser.contents.malformed import MalformedError

_MAX = 64 << 20  # bytes that go in, and that come out
_BLOCK = 0xFFFF  # bytes that a stored block holds at most
_HEADER = b"\x1f\x8b\x08\0" + bytes(4) + b"\0\xff"  # deflate, no flags, no time, no hint, of an unknown system
_GZIP = 31  # what tells zlib that it is gzip


def stored_gzip(body: bytes) -> bytes:
    """Return a gzip file that holds the bytes as they are: 18 bytes longer, and 5 more for each 65,535 of them."""
    starts = range(0, len(body), _BLOCK) or range(1)
    blocks = [_stored(body[start : start + _BLOCK], is_last=start + _BLOCK >= len(body)) for start in starts]
    return b"".join((_HEADER, *blocks, struct.pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF)))


def _stored(piece: bytes, *, is_last: bool) -> bytes:
    return struct.pack("<BHH", is_last, len(piece), len(piece) ^ _BLOCK) + piece


def is_gzip(body: bytes) -> bool:
    """Return whether it says that it is gzip."""
    return body.startswith(_HEADER[:2])


def unpacked(body: bytes) -> bytes:
    """Return what a gzip file holds.

    Raises:
        MalformedError: it is damaged, cut short or goes on behind its end, or has more than 64 MiB, packed or not.
    """
    if len(body) > _MAX:
        raise MalformedError(f"the gzip file has {len(body)} bytes")
    reader = zlib.decompressobj(_GZIP)
    try:
        content = reader.decompress(body, _MAX + 1)
    except zlib.error as error:
        raise MalformedError("the gzip file is damaged") from error
    if len(content) > _MAX:
        raise MalformedError(f"more than {_MAX} bytes come out of the gzip file")
    if not reader.eof or reader.unused_data:
        raise MalformedError("the gzip file is cut short, or something follows it")
    return content
