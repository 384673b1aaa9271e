"""Which libraries does the loader's cache list where both sides ran ldconfig(8), and how is it written anew?

The layout and the order are those that ldconfig has written since glibc 2.33, as in its `dl-cache.h` and `cache.c`. All
loaders since glibc 2.2 read it, also those whose ldconfig puts the layout before that one in front of it, as 2.31 does.
"""

import re
import struct
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from rebaser.contents.ld_so import CacheEntry, CacheHeader, read_ld_so_cache, read_ld_so_cache_header
from rebaser.contents.malformed import MalformedError

_MAGIC = b"glibc-ld.so.cache1.1"
_HEADER, _ENTRY = 48, 24  # bytes
_MAGIC_OF_EXTENSION, _GENERATOR, _SUBDIRECTORIES = 0xEAA42174, 0, 1
_EXTENDED, _NUMBER = 1 << 62, 0xFFFFFFFF
_BIG_ENDIAN = 3
_DIGITS = re.compile(rb"[0-9]+")
_SYSTEM = re.compile(r"(/usr)?/lib(32|64|x32)?/")  # where ldconfig looks last

_Key: TypeAlias = tuple[str, str, int, str]
"""A library's soname, path, flags and subdirectory."""


@dataclass(frozen=True, slots=True)
class _Library:
    """An entry whose `hwcap` has no number; it is in the subdirectory of glibc-hwcaps, if that is not empty."""

    entry: CacheEntry
    subdirectory: str


def merge_ld_so_cache(old: bytes, app: bytes, new: bytes) -> bytes:
    """Return the new base's cache without what the application removed, and with what it added or changed.

    It is in the order in which the loader of the new base searches. Of libraries of one name, those that the
    application added are where they are in its own cache, relative to those that stay; where that does not tell, before
    those of the new base, or behind them if they are in a directory of the system. Nothing conflicts. A cache that the
    application removed stays away.

    Raises:
        MalformedError: both sides changed it, and one is no cache in the layout of glibc 2.2 and later, or damaged.
    """
    if app in (old, new):
        return new
    if new == old or not app:
        return app
    before, ours, theirs = _libraries(old), _libraries(app), _libraries(new)
    changed = {key: library for key, library in ours.items() if before.get(key) != library}
    kept = {key: library for key, library in theirs.items() if key in ours or key not in before}
    merged = {key: changed.get(key, library) for key, library in kept.items()}
    first, last = _around(ours, changed.keys() - kept.keys(), kept.keys())
    libraries = [*first, *merged.values(), *last]
    return _written(read_ld_so_cache_header(new or app), _sorted(libraries)) if libraries or new else b""


def without(cache: bytes, is_there: Callable[[str], bool]) -> bytes:
    """Return the cache without the libraries whose path is not there; the same bytes if all are.

    Raises:
        MalformedError: it is no cache in the layout of glibc 2.2 and later, or damaged.
    """
    libraries = list(_libraries(cache).values())
    kept = [library for library in libraries if is_there(library.entry.path)]
    return cache if len(kept) == len(libraries) else _written(read_ld_so_cache_header(cache), kept)


def _libraries(cache: bytes) -> dict[_Key, _Library]:
    if not cache:
        return {}
    named = read_ld_so_cache_header(cache).subdirectories
    listed = [_library(entry, named) for entry in read_ld_so_cache(cache)]
    return {(one.entry.soname, one.entry.path, one.entry.flags, one.subdirectory): one for one in listed}


def _library(entry: CacheEntry, named: Sequence[str]) -> _Library:
    if not entry.hwcap & _EXTENDED:
        return _Library(entry, "")
    number = entry.hwcap & _NUMBER
    if number >= len(named) or not named[number]:
        raise MalformedError("a library in the loader's cache is in a subdirectory that has no name")
    return _Library(replace(entry, hwcap=entry.hwcap - number), named[number])


def _around(
    ours: Mapping[_Key, _Library], added: Collection[_Key], kept: Collection[_Key]
) -> tuple[list[_Library], list[_Library]]:
    """Return what is added before the new base's libraries of the same name, and what behind them."""
    last = {_name(library): at for at, (key, library) in enumerate(ours.items()) if key in kept}
    before: list[_Library] = []
    behind: list[_Library] = []
    for at, (key, library) in enumerate(ours.items()):
        if key in added:
            place = last.get(_name(library))
            is_before = at < place if place is not None else not _SYSTEM.match(library.entry.path)
            (before if is_before else behind).append(library)
    return before, behind


def _sorted(libraries: Iterable[_Library]) -> list[_Library]:
    """Return them as the loader's binary search wants them; those that it takes for one stay in their order."""
    return sorted(sorted(libraries, key=lambda one: one.subdirectory), key=_rank, reverse=True)


def _name(library: _Library) -> tuple[str, tuple[object, ...]]:
    """Return what libraries have in common of which the loader takes the first."""
    return library.subdirectory, _rank(library)


def _rank(library: _Library) -> tuple[bytes, int, bool, int, int, int]:
    """Return what ldconfig sorts by, descending."""
    entry = library.entry
    soname = _DIGITS.sub(_as_number, entry.soname.encode("utf-8", "surrogateescape"))
    if library.subdirectory:
        return soname, entry.flags, True, 0, 0, 0
    return soname, entry.flags, False, entry.hwcap.bit_count(), entry.hwcap, entry.os_version


def _as_number(digits: re.Match[bytes]) -> bytes:
    """Return bytes that compare as numbers do to the loader: above other characters, in 32 bits that overflow."""
    return b"\xff" + struct.pack(">I", (int(digits[0]) + 0x80000000) & 0xFFFFFFFF)


def _written(header: CacheHeader, libraries: Sequence[_Library]) -> bytes:
    """Return the cache that lists these, in this order."""
    if header.generator is None:
        # This base's loader knows no subdirectories for processors, and its ldconfig would not have listed them.
        libraries = [library for library in libraries if not library.subdirectory]
    order = ">" if header.flags & 3 == _BIG_ENDIAN else "<"
    subdirectories = sorted({library.subdirectory for library in libraries} - {""})
    numbers = {"": 0, **{name: number for number, name in enumerate(subdirectories)}}
    texts = {text for one in libraries for text in (one.entry.soname, one.entry.path)}
    start = _HEADER + _ENTRY * len(libraries)
    at, strings = _strings(start, texts.union(subdirectories))
    entries = b"".join(_entry(order, library, at, numbers) for library in libraries)
    end = start + len(strings)
    end += -end % 4
    extension = _extension(order, end, header.generator, [at[name] for name in subdirectories])
    told = struct.pack(f"{order}IIB3xI12x", len(libraries), len(strings), header.flags, end if extension else 0)
    body = _MAGIC + told + entries + strings
    return body.ljust(end, b"\0") + extension if extension else body


def _entry(order: str, library: _Library, at: Mapping[str, int], numbers: Mapping[str, int]) -> bytes:
    entry = library.entry
    hwcap = entry.hwcap + numbers[library.subdirectory]
    return struct.pack(f"{order}iIIIQ", entry.flags, at[entry.soname], at[entry.path], entry.os_version, hwcap)


def _strings(start: int, texts: Iterable[str]) -> tuple[dict[str, int], bytes]:
    """Return where each text begins, and all of them; one with which another ends is not there twice."""
    encoded = {text.encode("utf-8", "surrogateescape"): text for text in texts}
    at: dict[str, int] = {}
    written: list[bytes] = []
    end = start
    last = b""
    for text in sorted(encoded, key=lambda text: text[::-1], reverse=True):
        if not written or not last.endswith(text):
            written.append(text + b"\0")
            end += len(text) + 1
        at[encoded[text]] = end - len(text) - 1
        last = text
    return at, b"".join(written)


def _extension(order: str, at: int, generator: bytes | None, names: Sequence[int]) -> bytes:
    """Return what ldconfig says of itself, and where the names of subdirectories are; empty for one that does not."""
    if generator is None:
        return b""
    named = struct.pack(f"{order}{len(names)}I", *names)
    sections = 2 if names else 1
    begin = at + 8 + 16 * sections
    told = [_MAGIC_OF_EXTENSION, sections, _GENERATOR, 0, begin + len(named), len(generator)]
    told += [_SUBDIRECTORIES, 0, begin, len(named)] if names else []
    return struct.pack(f"{order}{len(told)}I", *told) + named + generator
