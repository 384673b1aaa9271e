"""Where the loader looks for libraries: /etc/ld.so.conf and the cache that ldconfig(8) makes of it.

The cache's layout is that of glibc's `sysdeps/generic/dl-cache.h`, the one that it has written since 2.2.
"""

import struct
from dataclasses import dataclass
from typing import Literal

from rebaser.contents.malformed import MalformedError

_MAX = 16 << 20
_MAX_ENTRIES = 100_000
_MAX_NAMES = 4 << 20  # characters of all names together; entries can share one in the file
_OLD = b"ld.so-1.7.0\0"
_NEW = b"glibc-ld.so.cache1.1"
_HEADER, _ENTRY, _OLD_ENTRY = 48, 24, 12
_EXTENSION, _GENERATOR, _SUBDIRECTORIES = 0xEAA42174, 0, 1
_MAX_SECTIONS = 16
_MAX_SUBDIRECTORIES = 1_000
_BIG_ENDIAN = 3  # in the header's flags; 2 is little, 0 is not told


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A library that the cache knows; `flags` tell its kind, `hwcap` for which processors it is.

    Bit 62 of `hwcap` says that its lower 32 bits are the number of a subdirectory of glibc-hwcaps. `os_version` is the
    oldest kernel that the library runs on, 0x030200 is 3.2.0.
    """

    soname: str
    path: str
    flags: int
    os_version: int
    hwcap: int


@dataclass(frozen=True, slots=True)
class CacheHeader:
    """What a cache says beside its list: the header's flags, who wrote it, and the subdirectories of glibc-hwcaps.

    Writers older than glibc 2.33 leave no name, which is None, and know no such subdirectories.
    """

    flags: int
    generator: bytes | None
    subdirectories: tuple[str, ...]


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
    (count,) = _numbers(body, start, "I", start + len(_NEW))
    if count > _MAX_ENTRIES:
        raise MalformedError(f"the loader's cache has {count} entries")
    found = []
    size = 0
    for at in range(start + _HEADER, start + _HEADER + count * _ENTRY, _ENTRY):
        flags, soname, path, os_version, hwcap = _numbers(body, start, "iIIIQ", at)
        entry = CacheEntry(_string(body, start + soname), _string(body, start + path), flags, os_version, hwcap)
        size += len(entry.soname) + len(entry.path)
        if size > _MAX_NAMES:
            raise MalformedError("the loader's cache names one long name over and over")
        found.append(entry)
    return tuple(found)


def read_ld_so_cache_header(body: bytes) -> CacheHeader:
    """Return what the cache says beside its list.

    Raises:
        MalformedError: it is no such cache, or a damaged one.
    """
    start = _start(body)
    flags, extension = _numbers(body, start, "B3xI", start + 28)
    if not extension:
        return CacheHeader(flags, None, ())
    magic, count = _numbers(body, start, "II", extension)
    if magic != _EXTENSION or count > _MAX_SECTIONS:
        raise MalformedError("the loader's cache has an extension of an unknown kind")
    rows = [_numbers(body, start, "I4xII", extension + 8 + 16 * number) for number in range(count)]
    places = {tag: (begin, size) for tag, begin, size in rows}
    begin, size = places.get(_SUBDIRECTORIES, (0, 0))
    if size > _MAX_SUBDIRECTORIES * 4:
        raise MalformedError(f"the loader's cache has {size // 4} subdirectories for processors")
    names = _numbers(body, start, f"{size // 4}I", begin)
    begin, size = places.get(_GENERATOR, (0, 0))
    return CacheHeader(flags, body[begin : begin + size], tuple(_string(body, start + name) for name in names))


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
    if body.startswith(_NEW) and len(body) <= _MAX:
        return 0
    if len(body) > _MAX or not body.startswith(_OLD) or len(body) < len(_OLD) + 4:
        raise MalformedError("it is no cache of the loader")
    (count,) = struct.unpack_from("<I", body, len(_OLD))
    start: int = (len(_OLD) + 4 + count * _OLD_ENTRY + 7) // 8 * 8
    if body[start : start + len(_NEW)] != _NEW:
        raise MalformedError("it is a cache of the loader in a layout that nobody has written for twenty years")
    return start


def _numbers(body: bytes, start: int, form: str, at: int) -> tuple[int, ...]:
    """Return the numbers at a place, in the byte order that the header tells."""
    order = ">" if start + 28 < len(body) and body[start + 28] & 3 == _BIG_ENDIAN else "<"
    try:
        return struct.unpack_from(order + form, body, at)
    except struct.error as error:
        raise MalformedError("the loader's cache is cut off") from error


def _string(body: bytes, at: int) -> str:
    end = body.find(b"\0", at, at + 4096)
    if at >= len(body) or end < 0:
        raise MalformedError("a name in the loader's cache has no end")
    return body[at:end].decode("utf-8", "surrogateescape")
