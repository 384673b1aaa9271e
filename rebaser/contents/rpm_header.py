"""A package's header as rpm keeps it in its database: an index of tags and the values that it points at.

rpm's documentation, format_header.md; without the magic that packages begin with.
"""

import struct
from collections.abc import Mapping
from typing import NamedTuple

from rebaser.contents.malformed import MalformedError
from rebaser.contents.package import Demand, Operator, Package, Provision, Requirement

MAX_HEADER = 256 << 20
_MAX_TAGS = 10_000
_MAX_VALUES = 2_000_000
_NAME, _VERSION, _RELEASE, _EPOCH, _ARCHITECTURE, _SOURCE = 1000, 1001, 1002, 1003, 1022, 1044
_PROVIDES, _PROVIDES_FLAGS, _PROVIDES_VERSION = 1047, 1112, 1113
_REQUIRES, _REQUIRES_FLAGS, _REQUIRES_VERSION = 1049, 1048, 1050
_INT32, _STRING, _STRINGS, _TRANSLATED = 4, 6, 8, 9
_LESS, _GREATER, _EQUAL, _RPMLIB = 2, 4, 8, 1 << 24
_OPERATORS: dict[int, Operator] = {2: "<", 4: ">", 8: "=", 10: "<=", 12: ">="}


class _Tag(NamedTuple):
    kind: int
    offset: int
    several: int


def read_header(blob: bytes) -> Package | None:
    """Return the package of a header; None for a key, which rpm keeps in the same database.

    Raises:
        MalformedError: it is no header, or a damaged one.
    """
    try:
        count, size = struct.unpack_from(">II", blob)
        if count > _MAX_TAGS or len(blob) < 8 + 16 * count + size:
            raise MalformedError("a header in rpm's database is cut off")
        rows = struct.iter_unpack(">IIII", blob[8 : 8 + 16 * count])
        tags = {tag: _Tag(kind, offset, values) for tag, kind, offset, values in rows}
        return _package(_Header(tags, blob[8 + 16 * count : 8 + 16 * count + size]))
    except (struct.error, IndexError) as error:
        raise MalformedError(f"a header in rpm's database is damaged: {error}") from error


class _Header(NamedTuple):
    tags: Mapping[int, _Tag]
    data: bytes

    def strings(self, tag: int) -> list[str]:
        found = self.tags.get(tag)
        if found is None or found.kind not in (_STRING, _STRINGS, _TRANSLATED):
            return []
        count = 1 if found.kind == _STRING else found.several
        if count > _MAX_VALUES:
            raise MalformedError("a header in rpm's database has too many values")
        values, at = [], found.offset
        for _ in range(count):
            end = self.data.find(b"\0", at)
            if end < 0:
                raise MalformedError("a text in rpm's database has no end")
            values.append(self.data[at:end].decode("utf-8", "surrogateescape"))
            at = end + 1
        return values

    def numbers(self, tag: int) -> list[int]:
        found = self.tags.get(tag)
        if found is None or found.kind != _INT32:
            return []
        if found.several > _MAX_VALUES:
            raise MalformedError("a header in rpm's database has too many values")
        return list(struct.unpack_from(f">{found.several}I", self.data, found.offset))

    def text(self, tag: int) -> str:
        return next(iter(self.strings(tag)), "")


def _package(header: _Header) -> Package | None:
    name, epoch = header.text(_NAME), header.numbers(_EPOCH)
    if not name:
        raise MalformedError("a header in rpm's database has no name")
    if name == "gpg-pubkey":
        return None
    version = f"{header.text(_VERSION)}-{header.text(_RELEASE)}"
    requires = zip(
        header.strings(_REQUIRES), header.numbers(_REQUIRES_FLAGS), header.strings(_REQUIRES_VERSION), strict=False
    )
    provides = zip(header.strings(_PROVIDES), header.strings(_PROVIDES_VERSION), strict=False)
    return Package(
        "rpm",
        name,
        f"{epoch[0]}:{version}" if epoch and epoch[0] else version,
        header.text(_ARCHITECTURE),
        header.text(_SOURCE),
        version,
        tuple(_requirement(*one) for one in requires if _is_of_packages(one[0], one[1])),
        tuple(Provision(capability, told) for capability, told in provides),
    )


def _is_of_packages(name: str, flags: int) -> bool:
    """Answer whether a requirement is for another package: `rpmlib(…)` is for rpm, `(a if b)` a condition."""
    return not flags & _RPMLIB and not name.startswith(("rpmlib(", "("))


def _requirement(name: str, flags: int, version: str) -> Requirement:
    operator = _OPERATORS.get(flags & (_LESS | _GREATER | _EQUAL), "")
    return (Demand(name, operator if version else "", version),)
