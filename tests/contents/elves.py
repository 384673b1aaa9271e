"""ELF files made on the spot: 64 bits, little endian, as small as a loader would take them.

an_elf(needed=["libssl.so.3"], required={"libc.so.6": ["GLIBC_2.34"]}, undefined=["SSL_new"])
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rebaser.contents.symbol_set import gnu_hash

_HEADER, _SEGMENT = 64, 56
_STRTAB, _SYMTAB, _STRSZ, _SONAME, _NEEDED, _RPATH, _RUNPATH = 5, 6, 10, 14, 1, 15, 29
_GNU_HASH, _VERSYM, _VERDEF, _VERDEFNUM = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFD
_VERNEED, _VERNEEDNUM = 0x6FFFFFFE, 0x6FFFFFFF
_GLOBAL = 0x10
_KINDS = {"executable": 2, "shared": 3}


@dataclass
class _Strings:
    content: bytearray = field(default_factory=lambda: bytearray(b"\0"))

    def at(self, text: str) -> int:
        place = len(self.content)
        self.content += text.encode("utf-8", "surrogateescape") + b"\0"
        return place


def an_elf(
    *,
    needed: Sequence[str] = (),
    soname: str = "",
    interpreter: str = "",
    rpath: str = "",
    runpath: str = "",
    required: Mapping[str, Sequence[str]] | None = None,
    provided: Sequence[str] = (),
    undefined: Sequence[str] = (),
    defined: Sequence[str] = (),
    machine: int = 62,
    kind: str = "shared",
    isa: int = 0,
    kernel: tuple[int, int, int] | None = None,
    text: bytes = b"",
) -> bytes:
    """What each name says in the dynamic section; `text` is content behind all of it."""
    strings = _Strings()
    defined = sorted(defined, key=lambda name: gnu_hash(name.encode()) % 1)
    symbols = b"".join(
        (
            bytes(24),
            *(_symbol(strings, name, 0) for name in undefined),
            *(_symbol(strings, name, 1) for name in defined),
        )
    )
    parts: list[tuple[int, bytes]] = [(_SYMTAB, symbols)]
    parts.append((_GNU_HASH, _hash_table(1 + len(undefined), defined)))
    if required:
        parts.append((_VERNEED, _needs(strings, required)))
    if provided:
        parts.append((_VERDEF, _gives(strings, provided)))
    entries = [(_NEEDED, strings.at(name)) for name in needed]
    entries += [
        (tag, strings.at(told)) for tag, told in ((_SONAME, soname), (_RPATH, rpath), (_RUNPATH, runpath)) if told
    ]
    entries += [(_VERNEEDNUM, len(required))] if required else []
    entries += [(_VERDEFNUM, len(provided))] if provided else []
    parts.append((_STRTAB, bytes(strings.content)))
    entries.append((_STRSZ, len(strings.content)))
    notes = _note(1, struct.pack("<4I", 0, *kernel)) if kernel else b""
    notes += _note(5, struct.pack("<3I4x", 0xC0008002, 4, isa)) if isa else b""
    loader = interpreter.encode() + b"\0" if interpreter else b""
    return _file(parts, entries, (loader, notes, text), (_KINDS[kind], machine))


def _file(
    parts: Sequence[tuple[int, bytes]],
    entries: Sequence[tuple[int, int]],
    others: tuple[bytes, bytes, bytes],
    told: tuple[int, int],
) -> bytes:
    interpreter, notes, text = others
    count = 2 + bool(interpreter) + bool(notes)
    body = bytearray(_HEADER + _SEGMENT * count)
    dynamic = list(entries)
    for tag, content in parts:
        dynamic.append((tag, _put(body, content)))
    loader = _put(body, interpreter) if interpreter else 0
    noted = _put(body, notes) if notes else 0
    table = b"".join(struct.pack("<QQ", *entry) for entry in (*dynamic, (0, 0)))
    at = _put(body, table)
    body += text
    segments = [_segment(1, 0, len(body)), _segment(2, at, len(table))]
    segments += [_segment(3, loader, len(interpreter))] if interpreter else []
    segments += [_segment(4, noted, len(notes))] if notes else []
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", *told, 1, 0, _HEADER, 0, 0, _HEADER, _SEGMENT, count, 64, 0, 0)
    body[: len(head)] = head
    body[_HEADER : _HEADER + _SEGMENT * count] = b"".join(segments)
    return bytes(body)


def _put(body: bytearray, content: bytes) -> int:
    body += bytes(-len(body) % 8)
    at = len(body)
    body += content
    return at


def _segment(kind: int, at: int, size: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, 4, at, at, at, size, size, 8)


def _symbol(strings: _Strings, name: str, section: int) -> bytes:
    return struct.pack("<IBBHQQ", strings.at(name), _GLOBAL, 0, section, 0, 0)


def _hash_table(first: int, defined: Sequence[str]) -> bytes:
    """One bucket, so that any order will do."""
    hashes = [gnu_hash(name.encode()) & ~1 for name in defined]
    chain = [value | (position == len(hashes) - 1) for position, value in enumerate(hashes)]
    return struct.pack("<IIIIQI", 1, first, 1, 0, 0, first if defined else 0) + struct.pack(f"<{len(chain)}I", *chain)


def _needs(strings: _Strings, required: Mapping[str, Sequence[str]]) -> bytes:
    out = bytearray()
    for position, (library, versions) in enumerate(required.items(), 1):
        size = 16 + 16 * len(versions)
        following = size if position < len(required) else 0
        out += struct.pack("<HHIII", 1, len(versions), strings.at(library), 16, following)
        for number, version in enumerate(versions, 1):
            after = 16 if number < len(versions) else 0
            out += struct.pack("<IHHII", 0, 0, number + 1, strings.at(version), after)
    return bytes(out)


def _gives(strings: _Strings, provided: Sequence[str]) -> bytes:
    out = bytearray()
    for position, version in enumerate(provided, 1):
        following = 28 if position < len(provided) else 0
        out += struct.pack("<HHHHIII", 1, 0, position + 1, 1, 0, 20, following)
        out += struct.pack("<II", strings.at(version), 0)
    return bytes(out)


def _note(kind: int, body: bytes) -> bytes:
    return struct.pack("<III", 4, len(body), kind) + b"GNU\0" + body
