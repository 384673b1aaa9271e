"""Reads a file while it streams by: keeps what `contents.wanted` names, and understands programs and archives."""

from collections.abc import Callable, Mapping
from functools import partial
from posixpath import splitext
from typing import Protocol

from rebaser.contents.certificates import read_bundle
from rebaser.contents.elf_reader import ElfReader
from rebaser.contents.jar import read_jar
from rebaser.contents.malformed import MalformedError
from rebaser.contents.perl_imports import used
from rebaser.contents.python_imports import imported
from rebaser.contents.wanted import body_wanted, jar_wanted, script_wanted
from rebaser.layers.entry import Broken, Bundle, Classes, Facts, Imports
from rebaser.layers.tar import Member

MAX_SOURCE = 4 << 20  # bytes of a source, or of certificates
SHEBANG = 256  # bytes that Linux reads of a first line
_BUNDLES = ("ca-certificates.crt", "ca-bundle.crt", "ca-bundle.pem", "cert.pem")
_ELF = b"\x7fELF"
_SYSTEM = ("usr/bin/", "usr/sbin/", "bin/", "sbin/", "usr/lib/", "lib/", "usr/share/", "usr/libexec/", "var/", "etc/")


def _imports(read: Callable[[bytes], frozenset[str]], content: bytes) -> Facts | None:
    names = read(content)
    return Imports(tuple(sorted(names))) if names else None


def _bundle(content: bytes) -> Bundle:
    listed = read_bundle(content)
    refused = ((one.fingerprint, ", ".join(one.faults)) for one in listed if one.faults)
    return Bundle(tuple((one.fingerprint, one.subject) for one in listed), tuple(refused))


def _authorities(content: bytes) -> Facts | None:
    """Return the certificates of a file that may be none of certificates at all."""
    try:
        return _bundle(content) if b"-----BEGIN" in content else None
    except MalformedError:
        return None


_WHOLE: Mapping[str, Callable[[bytes], Facts | None]] = {
    ".py": partial(_imports, imported),
    ".pl": partial(_imports, used),
    ".pm": partial(_imports, used),
    **dict.fromkeys((".crt", ".pem", ".cer"), _authorities),
}


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
    if most and path.endswith(_BUNDLES):
        return _Certificates(most)
    if most:
        return _Kept(min(most, member.size))
    start = bytes(first[:4])
    if start == _ELF:
        return _Program(ElfReader(member.size, wants_names=wants_names))
    script = script_wanted(member.mode, start)
    if script:
        return _Kept(min(SHEBANG if path.startswith(_SYSTEM) and not wants_names else script, member.size))
    read = _WHOLE.get(splitext(path)[1]) if wants_names and member.size <= MAX_SOURCE else None
    if read is not None:
        return _Whole(read)
    return _Jar() if 0 < member.size <= jar_wanted(path) else None


class _Kept:
    def __init__(self, most: int) -> None:
        self._most, self._kept = most, bytearray()

    def feed(self, piece: memoryview) -> None:
        if len(self._kept) < self._most:
            self._kept += piece[: self._most - len(self._kept)]

    def result(self) -> tuple[bytes | None, Facts | None]:
        return bytes(self._kept), None


class _Program:
    def __init__(self, reader: ElfReader) -> None:
        self._reader = reader

    def feed(self, piece: memoryview) -> None:
        self._reader.feed(piece)

    def result(self) -> tuple[bytes | None, Facts | None]:
        try:
            return None, self._reader.facts()
        except MalformedError as error:
            return None, Broken(str(error))


class _Certificates:
    def __init__(self, most: int) -> None:
        self._most, self._content = most, bytearray()

    def feed(self, piece: memoryview) -> None:
        if len(self._content) <= self._most:
            self._content += piece

    def result(self) -> tuple[bytes | None, Facts | None]:
        if len(self._content) > self._most:
            return None, Broken("it is larger than is read")
        try:
            return None, _bundle(bytes(self._content))
        except MalformedError as error:
            return None, Broken(str(error))


class _Whole:
    def __init__(self, read: Callable[[bytes], Facts | None]) -> None:
        self._content, self._read = bytearray(), read

    def feed(self, piece: memoryview) -> None:
        self._content += piece

    def result(self) -> tuple[bytes | None, Facts | None]:
        return None, self._read(bytes(self._content))


class _Jar:
    def __init__(self) -> None:
        self._content = bytearray()

    def feed(self, piece: memoryview) -> None:
        self._content += piece

    def result(self) -> tuple[bytes | None, Facts | None]:
        try:
            highest = read_jar(bytes(self._content)).highest
        except MalformedError as error:
            return None, Broken(str(error))
        return None, Classes(highest.major) if highest else None
