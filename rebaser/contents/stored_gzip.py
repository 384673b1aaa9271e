"""Gzip without compression: the same bytes on every machine, whatever zlib is at hand. RFC 1952, RFC 1951 §3.2.4."""

import struct
import zlib
from collections.abc import Iterable, Iterator

_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # deflate, no flags, no time, no particular system
_BLOCK = 65_535  # bytes; a stored block holds no more


def stored_gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the gzip form of what the chunks hold together; it does not depend on where they end."""
    check, size, waiting = 0, 0, b""
    yield _HEADER
    for chunk in chunks:
        check, size = zlib.crc32(chunk, check), size + len(chunk)
        waiting += chunk
        whole = (len(waiting) - 1) // _BLOCK * _BLOCK if waiting else 0
        for at in range(0, whole, _BLOCK):
            yield _block(waiting[at : at + _BLOCK], final=0)
        waiting = waiting[whole:]
    yield _block(waiting, final=1)
    yield struct.pack("<II", check, size & 0xFFFFFFFF)


def _block(body: bytes, final: int) -> bytes:
    return struct.pack("<BHH", final, len(body), len(body) ^ 0xFFFF) + body
