"""Where the loader looks for libraries: /etc/ld.so.conf and the cache that ldconfig(8) makes of it.

The cache's layout is that of glibc's `sysdeps/generic/dl-cache.h`, the one that it has written since 2.2.
"""

import struct
from dataclasses import dataclass
from typing import Literal

from rebaser.contents.malformed import MalformedError

_MAX = 16 << 20
_MAX_ENTRIES = 100_000
_OLD = b"ld.so-1.7.0\0"
_NEW = b"glibc-ld.so.cache1.1"
_HEADER, _ENTRY, _OLD_ENTRY = 48, 24, 12
_BIG_ENDIAN = 3  # in the header's flags; 2 is little, 0 is not told


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A library that the cache knows; `flags` tell its kind, `hwcap` for which processors it is."""

    soname: str
    path: str
    flags: int
    hwcap: int


@dataclass(frozen=True, slots=True)
class Directive:
    """A line of ld.so.conf: a directory, or a pattern of files to be read as well."""

    kind: Literal["directory", "include"]
    value: str


def read_ld_so_cache(body: bytes) -> tuple[CacheEntry, ...]:
    """Return what the cache lists, in its order.

    Raises:
        MalformedError: it is no such cache, or a damaged one.
    """
    start = _start(body)
    order = ">" if start + 28 < len(body) and body[start + 28] & 3 == _BIG_ENDIAN else "<"
    try:
        (count,) = struct.unpack_from(f"{order}I", body, start + len(_NEW))
        if count > _MAX_ENTRIES:
            raise MalformedError(f"the loader's cache has {count} entries")
        rows = struct.iter_unpack(f"{order}iIIIQ", body[start + _HEADER : start + _HEADER + count * _ENTRY])
        found = tuple(
            CacheEntry(_string(body, start + name), _string(body, start + value), flags, hwcap)
            for flags, name, value, _, hwcap in rows
        )
    except struct.error as error:
        raise MalformedError("the loader's cache is cut off") from error
    if len(found) != count:
        raise MalformedError("the loader's cache is cut off")
    return found


def read_ld_so_conf(body: bytes) -> tuple[Directive, ...]:
    """Return the lines of a configuration of the loader.

    Raises:
        MalformedError: it is too large.
    """
    if len(body) > _MAX:
        raise MalformedError(f"ld.so.conf has {len(body)} bytes")
    found = []
    for line in body.decode("utf-8", "surrogateescape").split("\n"):
        words = line.partition("#")[0].split()
        if words[:1] == ["include"]:
            found += [Directive("include", word) for word in words[1:]]
        elif words and words[0] != "hwcap":
            found += [Directive("directory", part) for part in " ".join(words).replace(",", ":").split(":") if part]
    return tuple(found)


def _start(body: bytes) -> int:
    """Return where the new layout begins: at the start, or behind the old one."""
    if body.startswith(_NEW):
        return 0
    if len(body) > _MAX or not body.startswith(_OLD) or len(body) < len(_OLD) + 4:
        raise MalformedError("it is no cache of the loader")
    (count,) = struct.unpack_from("<I", body, len(_OLD))
    start: int = (len(_OLD) + 4 + count * _OLD_ENTRY + 7) // 8 * 8
    if body[start : start + len(_NEW)] != _NEW:
        raise MalformedError("it is a cache of the loader in a layout that nobody has written for twenty years")
    return start


def _string(body: bytes, at: int) -> str:
    end = body.find(b"\0", at, at + 4096)
    if at >= len(body) or end < 0:
        raise MalformedError("a name in the loader's cache has no end")
    return body[at:end].decode("utf-8", "surrogateescape")
