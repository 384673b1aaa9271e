"""Which bytes of apk's database are a package's, and which files does it own? lib/apk/db/installed, as apk writes it.

A record is lines of a letter, a colon and a value, up to a blank line: first what the package's index says,
apk-package(5), then `F:` for each directory, with `M:` if its owner and mode are not 0:0:755, and in it `R:` for each
file, with `a:` if they are not 0:0:644, and with `Z:` for its hash.
"""

import re
from binascii import Error, a2b_base64, a2b_hex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from rebaser.contents.malformed import MalformedError

_MAX = 64 << 20  # bytes
_MAX_LINES = 1_000_000  # some ten times what large images have
_LISTS = frozenset("Dpirg")
_FILE_FIELDS = frozenset("FMRaZ")
_STANDARD = {"F": "0:0:755", "R": "0:0:644"}
_ACCESS = re.compile(r"([0-9]{1,10}):([0-9]{1,10}):0*([0-7]{1,5})(:.*)?", re.ASCII | re.DOTALL)


class Owned(NamedTuple):
    """What a package has in the file system: `kind` is `F` for a directory and `R` for what lies in one."""

    kind: str
    path: str
    access: str
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A package's record. Paths have no leading slash; `text` are its bytes, with the blank line that ends it."""

    name: str
    version: str
    checksum: str
    directories: tuple[str, ...] = field(repr=False)
    files: tuple[str, ...] = field(repr=False)
    text: bytes = field(repr=False)


def records(body: bytes) -> tuple[Record, ...]:
    """Return the records in their order; where the database is as apk writes it, their texts together are it.

    Raises:
        MalformedError: it is larger than 64 MiB or 1,000,000 lines, not made of records, or has one package twice.
    """
    lines = body.count(b"\n")
    if len(body) > _MAX or lines > _MAX_LINES:
        raise MalformedError(f"the list of packages has {len(body)} bytes in {lines} lines")
    found: dict[str, Record] = {}
    for text in _texts(body):
        record = _record(text)
        if record.name in found:
            raise MalformedError(f"the list of packages has {record.name} twice")
        found[record.name] = record
    return tuple(found.values())


def meaning(record: Record) -> tuple[frozenset[tuple[str, str]], frozenset[Owned]]:
    """Return what the record says, the same in whatever order and spelling apk and others write it."""
    fields = _fields(record.text)
    said = {name: _value(name, value) for name, value in fields if name not in _FILE_FIELDS}
    return frozenset((name, value) for name, value in said.items() if value not in ("", "0")), frozenset(_owned(fields))


def digest(checksum: str) -> str:
    """Return what a checksum comes to, in hexadecimal, `Q1<Base64>` as well as `X1<hexadecimal>`; empty if neither."""
    kind, told = checksum[:2], checksum[2:].encode("utf-8", "surrogateescape")
    try:
        raw = a2b_base64(told, strict_mode=True) if kind == "Q1" else a2b_hex(told) if kind == "X1" else b""
    except Error:
        return ""
    return raw.hex()


def _texts(body: bytes) -> Iterator[bytes]:
    lines: list[bytes] = []
    for line in (*body.split(b"\n"), b""):
        if line:
            lines.append(line)
        elif lines:
            yield b"\n".join((*lines, b"", b""))
            lines = []


def _record(text: bytes) -> Record:
    fields = _fields(text)
    said = dict(fields)
    if not said.get("P") or sum(name == "P" for name, _ in fields) > 1:
        raise MalformedError("a record in the list of packages does not have one name")
    owned = tuple(_owned(fields))
    return Record(
        said["P"],
        said.get("V", ""),
        said.get("C", ""),
        tuple(one.path for one in owned if one.kind == "F"),
        tuple(one.path for one in owned if one.kind == "R"),
        text,
    )


def _fields(text: bytes) -> list[tuple[str, str]]:
    lines = text.decode("utf-8", "surrogateescape").split("\n")[:-2]
    if any(line[1:2] != ":" for line in lines):
        raise MalformedError("a line in the list of packages is no field")
    return [(line[0], line[2:]) for line in lines]


def _value(name: str, value: str) -> str:
    if name == "i" and value == "[]":  # so apko writes that there is none
        return ""
    return " ".join(value.split()) if name in _LISTS else value


def _owned(fields: Iterable[tuple[str, str]]) -> Iterator[Owned]:
    directory, current = "", None
    for name, value in fields:
        if name in _STANDARD:
            if current:
                yield current
            elif name == "R":
                raise MalformedError("a file in the list of packages is in no directory")
            directory = value if name == "F" else directory
            path = value if name == "F" or not directory else f"{directory}/{value}"
            current = Owned(name, path, _STANDARD[name])
        elif name in _FILE_FIELDS:
            current = _described(current, name, value)
    if current:
        yield current


def _described(owned: Owned | None, name: str, value: str) -> Owned:
    if owned is None or (owned.kind == "F") != (name == "M"):
        raise MalformedError(f"a field {name!r} in the list of packages has nothing that it is of")
    if name == "Z":
        return owned._replace(checksum=value)
    access = _ACCESS.fullmatch(value)
    return owned._replace(access=f"{int(access[1])}:{int(access[2])}:{access[3]}{access[4] or ''}" if access else value)
