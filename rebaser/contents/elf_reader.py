"""Reads the dynamic section of a program or library out of the parts that were kept of it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from rebaser.contents.elf import Elf, Required
from rebaser.contents.elf_parts import (
    DYNAMIC,
    INTERPRETER,
    LOAD,
    NOTE,
    PROPERTY,
    Collector,
    Header,
    Parts,
    Segment,
    read_header,
    segments,
)
from rebaser.contents.library_names import LibraryNames
from rebaser.contents.malformed import MalformedError
from rebaser.contents.symbol_set import SymbolSet, symbols_of, symbols_with

MAX_DYNAMIC = 100_000  # entries
MAX_SYMBOLS = 1_000_000
_MAX_VERSIONS = 20_000
_MAX_NAME = 4096
_CHAIN = 64  # entries after which the last chain of a hash table has ended, as a rule
_MAX_STRINGS = 32 << 20
_NULL, _NEEDED, _HASH, _STRTAB, _SYMTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH = 0, 1, 4, 5, 6, 10, 14, 15, 29
_VERSYM = 0x6FFFFFF0
_GNU_HASH, _VERDEF, _VERDEFNUM, _VERNEED, _VERNEEDNUM = 0x6FFFFEF5, 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
_GLOBAL = 1
_OUTSIDE = (_GLOBAL, 2, 10)  # and weak, and unique ones
_VISIBLE = (0, 3)  # default and protected
_BASE_VERSION, _WEAK_VERSION = 1, 2
_ABI_TAG, _PROPERTY_NOTE, _ISA_1_NEEDED = 1, 5, 0xC0008002
_KINDS: dict[int, Literal["executable", "shared"]] = {2: "executable", 3: "shared"}


class ElfReader:
    """Is fed a file in pieces. `wants_names` says whether names of symbols and libraries in it are kept."""

    def __init__(self, size: int, *, wants_names: bool = True) -> None:
        self._collector, self._wants_names = Collector(size), wants_names
        self._texts = LibraryNames()

    def feed(self, chunk: memoryview | bytes) -> None:
        """Take the next bytes of the file."""
        self._collector.feed(chunk)
        if self._wants_names:
            self._texts.feed(chunk)

    def facts(self) -> Elf:
        """Return what the file says.

        Raises:
            MalformedError: a loader would refuse it, or its tables lie where none is looked for.
        """
        try:
            elf = _elf(_File(self._collector.parts()), wants_names=self._wants_names)
            loads = self._texts.found - {*elf.needed, elf.soname, *(name for name, _ in elf.required)}
            return replace(elf, loads=tuple(sorted(loads)))
        except (struct.error, IndexError) as error:
            raise MalformedError(f"a table of the program is cut off: {error}") from error


@dataclass
class _File:
    """A file's header, segments and dynamic section."""

    parts: Parts

    @cached_property
    def header(self) -> Header:
        return read_header(self.parts.up_to(0, 64))

    @cached_property
    def mark(self) -> str:
        return "<" if self.header.order == "little" else ">"

    @cached_property
    def is_wide(self) -> bool:
        return self.header.bits == 64  # noqa: PLR2004

    @cached_property
    def segments(self) -> list[Segment]:
        header = self.header
        return segments(header, self.parts.read(header.offset, header.size * header.several)) if header.several else []

    @cached_property
    def dynamic(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for segment in self.segments:
            if segment.kind != DYNAMIC:
                continue
            form, size = (f"{self.mark}QQ", 16) if self.is_wide else (f"{self.mark}II", 8)
            count = min(segment.size // size, MAX_DYNAMIC)
            for tag, value in struct.iter_unpack(form, self.parts.read(segment.offset, count * size)):
                if tag == _NULL:
                    return found
                found.setdefault(tag, []).append(value)
        return found

    def first(self, tag: int) -> int | None:
        values = self.dynamic.get(tag)
        return values[0] if values else None

    def offset(self, address: int) -> int:
        for segment in self.segments:
            if segment.kind == LOAD and segment.address <= address < segment.address + segment.size:
                return address - segment.address + segment.offset
        raise MalformedError("a table of the program lies outside of what is loaded")

    @cached_property
    def strings(self) -> bytes:
        address, size = self.first(_STRTAB), self.first(_STRSZ)
        if address is None:
            return b""
        if size is None or size > _MAX_STRINGS:
            raise MalformedError("the strings of the program have no size, or too large a one")
        return self.parts.read(self.offset(address), size)

    def string(self, at: int) -> str:
        return self.name(at).decode("utf-8", "surrogateescape")

    def name(self, at: int) -> bytes:
        strings = self.strings
        end = strings.find(b"\0", at, at + _MAX_NAME)
        if at >= len(strings) or end < 0:
            raise MalformedError("a name of the program has no end")
        return strings[at:end]


def _elf(file: _File, *, wants_names: bool) -> Elf:
    header = file.header
    soname = _strings(file, _SONAME)
    kernel, isa = _notes(file)
    provided = _provided(file)
    return Elf(
        header.bits,
        header.order,
        header.machine,
        _KINDS.get(header.kind, "other"),
        _interpreter(file),
        soname[0] if soname else "",
        _strings(file, _NEEDED),
        ":".join(_strings(file, _RPATH)),
        ":".join(_strings(file, _RUNPATH)),
        _required(file),
        provided,
        _undefined(file) if wants_names else (),
        _defined(file) if soname and not provided else None,
        (),
        kernel,
        isa,
    )


def _strings(file: _File, tag: int) -> tuple[str, ...]:
    return tuple(file.string(value) for value in file.dynamic.get(tag, ()))


def _interpreter(file: _File) -> str:
    for segment in file.segments:
        if segment.kind == INTERPRETER:
            text = file.parts.read(segment.offset, min(segment.size, _MAX_NAME))
            return text.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
    return ""


def _required(file: _File) -> Required:
    address, count = file.first(_VERNEED), file.first(_VERNEEDNUM)
    if address is None or not count:
        return ()
    found: list[tuple[str, tuple[str, ...]]] = []
    at, left = file.offset(address), _MAX_VERSIONS
    for _ in range(min(count, _MAX_VERSIONS)):
        _, several, library, aux, following = struct.unpack(f"{file.mark}HHIII", file.parts.read(at, 16))
        versions, inner = [], at + aux
        for _ in range(min(several, left)):
            _, flags, _, name, after = struct.unpack(f"{file.mark}IHHII", file.parts.read(inner, 16))
            if not flags & _WEAK_VERSION:
                versions.append(file.string(name))
            inner, left = inner + after, left - 1
        found.append((file.string(library), tuple(versions)))
        if not following:
            break
        at += following
    return tuple(found)


def _provided(file: _File) -> tuple[str, ...]:
    address, count = file.first(_VERDEF), file.first(_VERDEFNUM)
    if address is None or not count:
        return ()
    found, at = [], file.offset(address)
    for _ in range(min(count, _MAX_VERSIONS)):
        _, flags, _, several, _, aux, following = struct.unpack(f"{file.mark}HHHHIII", file.parts.read(at, 20))
        if several and not flags & _BASE_VERSION:
            (name,) = struct.unpack(f"{file.mark}I", file.parts.read(at + aux, 4))
            found.append(file.string(name))
        if not following:
            break
        at += following
    return tuple(found)


def _undefined(file: _File) -> tuple[str, ...]:
    """Return the names of the strong symbols that others must have, in no version: for others their version tells."""
    address = file.first(_SYMTAB)
    if address is None:
        return ()
    wanted = [
        (at, name)
        for at, (name, info, _, section) in enumerate(_table(file, file.offset(address)))
        if section == 0 and info >> 4 == _GLOBAL and name
    ]
    versions = _versions_of_symbols(file, wanted[-1][0] + 1 if wanted else 0)
    return tuple(file.string(name) for at, name in wanted if at >= len(versions) or versions[at] & 0x7FFF <= 1)


def _versions_of_symbols(file: _File, count: int) -> tuple[int, ...]:
    """Return the version of each symbol, as a number that the tables of versions explain; 0 and 1 are none."""
    address = file.first(_VERSYM)
    if address is None or not count:
        return ()
    return struct.unpack(f"{file.mark}{count}H", file.parts.read(file.offset(address), 2 * count))


def _defined(file: _File) -> SymbolSet:
    """Return the symbols that a library gives: those of its hash table, or of the table of symbols in older ones."""
    gnu, address = file.first(_GNU_HASH), file.first(_SYMTAB)
    if gnu is not None:
        return symbols_with(_gnu_table(file, file.offset(gnu))[1])
    if address is None:
        return SymbolSet()
    return symbols_of(
        file.name(name)
        for name, info, other, section in _table(file, file.offset(address))
        if section and info >> 4 in _OUTSIDE and other & 3 in _VISIBLE
    )


def _table(file: _File, at: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield name, type and binding, visibility, and section of every dynamic symbol."""
    form, size = (f"{file.mark}IBBH16x", 24) if file.is_wide else (f"{file.mark}I8xBBH", 16)
    return struct.iter_unpack(form, file.parts.read(at, size * _symbol_count(file)))


def _symbol_count(file: _File) -> int:
    plain, gnu = file.first(_HASH), file.first(_GNU_HASH)
    if plain is not None:
        (count,) = struct.unpack(f"{file.mark}I", file.parts.read(file.offset(plain) + 4, 4))
    elif gnu is not None:
        offset, hashes = _gnu_table(file, file.offset(gnu))
        count = offset + len(hashes) if hashes else _symbols_before_strings(file)
    else:
        count = 0
    if count > MAX_SYMBOLS:
        raise MalformedError(f"the program has {count} symbols")
    return int(count)


def _symbols_before_strings(file: _File) -> int:
    """Return how many symbols fit before the strings, which linkers put behind them; an empty hash table tells none."""
    symbols, strings = file.first(_SYMTAB) or 0, file.first(_STRTAB) or 0
    return max(strings - symbols, 0) // (24 if file.is_wide else 16)


def _gnu_table(file: _File, at: int) -> tuple[int, tuple[int, ...]]:
    """Return the first symbol in the GNU hash table, and the hashes; a chain ends with an odd one."""
    buckets, offset, bloom, _ = struct.unpack(f"{file.mark}IIII", file.parts.read(at, 16))
    if buckets > MAX_SYMBOLS or bloom > MAX_SYMBOLS:
        raise MalformedError("the hash table of the program is impossibly large")
    start = at + 16 + bloom * (8 if file.is_wide else 4)
    heads = struct.unpack(f"{file.mark}{buckets}I", file.parts.read(start, 4 * buckets))
    last = max(heads, default=0)
    if last < offset:
        return int(offset), ()
    chains = start + 4 * buckets
    for more in (_CHAIN, MAX_SYMBOLS):
        known = file.parts.up_to(chains, 4 * (last - offset + more))
        hashes = struct.unpack(f"{file.mark}{len(known) // 4}I", known[: len(known) // 4 * 4])
        for position in range(last - offset, len(hashes)):
            if hashes[position] & 1:
                return int(offset), hashes[: position + 1]
    raise MalformedError("the hash table of the program has no end")


def _notes(file: _File) -> tuple[tuple[int, ...], int]:
    """Return the oldest kernel and the needed x86 levels that notes tell of."""
    kernel: tuple[int, ...] = ()
    isa = 0
    for segment in file.segments:
        if segment.kind not in (NOTE, PROPERTY) or segment.size > _MAX_NAME * 16:
            continue
        for owner, kind, body in _each_note(file, file.parts.read(segment.offset, segment.size)):
            if owner == b"GNU\0" and kind == _ABI_TAG and len(body) >= 16:  # noqa: PLR2004
                system, *version = struct.unpack_from(f"{file.mark}IIII", body)
                kernel = tuple(version) if system == 0 else kernel
            elif owner == b"GNU\0" and kind == _PROPERTY_NOTE:
                isa |= _isa(file, body)
    return kernel, isa


def _each_note(file: _File, table: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    at = 0
    while at + 12 <= len(table):
        owner, size, kind = struct.unpack_from(f"{file.mark}III", table, at)
        begin = at + 12 + (owner + 3) // 4 * 4
        yield table[at + 12 : at + 12 + owner], kind, table[begin : begin + size]
        align = 8 if kind == _PROPERTY_NOTE and file.is_wide else 4
        at = begin + (size + align - 1) // align * align


def _isa(file: _File, body: bytes) -> int:
    found, at, align = 0, 0, 8 if file.is_wide else 4
    while at + 8 <= len(body):
        kind, size = struct.unpack_from(f"{file.mark}II", body, at)
        if kind == _ISA_1_NEEDED and size == 4 and at + 12 <= len(body):  # noqa: PLR2004
            found |= struct.unpack_from(f"{file.mark}I", body, at + 8)[0]
        at += 8 + (size + align - 1) // align * align
    return found
