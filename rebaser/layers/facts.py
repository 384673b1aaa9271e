"""Reads a file while it streams by: keeps what `contents.wanted` names, and understands programs and archives."""

from typing import Protocol

from rebaser.contents.elf import Elf
from rebaser.contents.elf_ranges import ElfReader
from rebaser.contents.java import JarFacts, read_jar
from rebaser.contents.malformed import MalformedError
from rebaser.contents.wanted import body_wanted
from rebaser.layers.entry import Broken, Facts
from rebaser.layers.tar import Member

MAX_JAR = 32 << 20  # bytes; the classes of larger ones stay unread
MAX_SCRIPT = 64 << 10
SHEBANG = 256  # bytes that Linux reads of a first line
_ELF, _SCRIPT = b"\x7fELF", b"#!"
_SYSTEM = ("usr/bin/", "usr/sbin/", "bin/", "sbin/", "usr/lib/", "lib/", "usr/share/", "usr/libexec/")


class Reader(Protocol):
    """Is given a file's content in pieces, and asked at the end what it holds."""

    def feed(self, piece: memoryview) -> None:
        """Take the next piece."""

    def result(self) -> tuple[bytes | None, Facts | None]:
        """Return what is kept of the content, and what was understood of it."""


def reader_for(path: str, member: Member, first: memoryview, wants_names: bool) -> Reader | None:  # noqa: FBT001
    """Return a reader for a file that begins with `first`; None where nobody wants to know.

    `wants_names` says whether the names of symbols that a program wants are kept.
    """
    most = body_wanted(path)
    if most:
        return _Kept(min(most, member.size))
    start = bytes(first[:4])
    if start == _ELF:
        return _Program(member.size, wants_names)
    if start[:2] == _SCRIPT and member.mode & 0o111:
        return _Kept(min(SHEBANG if path.startswith(_SYSTEM) else MAX_SCRIPT, member.size))
    if path.endswith(".jar") and member.size <= MAX_JAR:
        return _Jar()
    return None


class _Kept:
    def __init__(self, most: int) -> None:
        self._most, self._kept = most, bytearray()

    def feed(self, piece: memoryview) -> None:
        if len(self._kept) < self._most:
            self._kept += piece[: self._most - len(self._kept)]

    def result(self) -> tuple[bytes | None, Facts | None]:
        return bytes(self._kept), None


class _Program:
    def __init__(self, size: int, wants_names: bool) -> None:  # noqa: FBT001
        self._reader, self._wants_names = ElfReader(size), wants_names

    def feed(self, piece: memoryview) -> None:
        self._reader.feed(piece)

    def result(self) -> tuple[bytes | None, Facts | None]:
        try:
            elf = self._reader.facts()
        except MalformedError as error:
            return None, Broken(str(error))
        return None, elf if elf is None or self._wants_names else _without_names(elf)


class _Jar:
    def __init__(self) -> None:
        self._content = bytearray()

    def feed(self, piece: memoryview) -> None:
        self._content += piece

    def result(self) -> tuple[bytes | None, JarFacts | Broken | None]:
        try:
            return None, read_jar(bytes(self._content))
        except MalformedError as error:
            return None, Broken(str(error))


def _without_names(elf: Elf) -> Elf:
    return elf.without_undefined()
