"""Which bytes of a small tar archive are whose? POSIX.1-2001 ustar, with long names as GNU's and pax's have them.

For archives that are taken apart and put together again, such as apk's scripts.tar. What one reader and another would
take for different things is malformed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rebaser.contents.malformed import MalformedError

_MAX = 64 << 20  # bytes
_MAX_NAME = 4096  # bytes
_BLOCK = 512
_END = bytes(2 * _BLOCK)
_OCTAL = re.compile(rb" *([0-7]{1,12})[ \0]*")
_RECORD = re.compile(rb"([1-9][0-9]{0,7}) ([^=\n]+)=")
_KINDS = frozenset(b"\0" + b"01234567")
_EXTENSIONS = frozenset(b"Lx")


@dataclass(frozen=True, slots=True)
class Member:
    """One entry: `kind` is tar's flag, `link` the name that the header links to, `raw` all its blocks as they stand."""

    name: bytes
    kind: int
    link: bytes
    content: bytes = field(repr=False)
    raw: bytes = field(repr=False, compare=False)


def members(body: bytes) -> tuple[Member, ...]:
    """Return the members in their order; none where there are no bytes. An end without its two blocks is one too.

    Raises:
        MalformedError: it is no tar archive, cut short, larger than 64 MiB, or readers would not agree about it.
    """
    if len(body) > _MAX:
        raise MalformedError(f"the archive has {len(body)} bytes")
    return tuple(_members(body))


def archive(raws: list[bytes]) -> bytes:
    """Return the archive of members, each given as all its blocks."""
    return b"".join((*raws, _END))


def _members(body: bytes) -> Iterator[Member]:
    at = start = 0
    name: bytes | None = None
    while at < len(body) and body[at]:
        header = _header(body, at)
        content_at = at + _BLOCK
        at = content_at + _size(header)
        if at > len(body):
            raise MalformedError("the archive is cut short")
        content, kind = body[content_at:at], header[156]
        at += -at % _BLOCK
        if kind in _EXTENSIONS:
            if name is not None:
                raise MalformedError("a member of the archive has two long names")
            name = _text(content) if kind == ord("L") else _pax_path(content)
            if len(name) > _MAX_NAME:
                raise MalformedError(f"the archive has a name of {len(name)} bytes")
            continue
        yield Member(name or _short_name(header), kind, _text(header[157:257]), content, body[start:at])
        start, name = at, None
    if name is not None or body[at:].strip(b"\0") or len(body) % _BLOCK:
        raise MalformedError("the archive ends in what is no member")


def _header(body: bytes, at: int) -> bytes:
    header = body[at : at + _BLOCK]
    if len(header) < _BLOCK or header[257:262] != b"ustar":
        raise MalformedError("the archive has a header that is none")
    told = _number(header[148:156])
    if told != sum(header) - sum(header[148:156]) + 8 * ord(" "):
        raise MalformedError("a header in the archive has a wrong checksum")
    if header[156] not in _KINDS and header[156] not in _EXTENSIONS:
        raise MalformedError(f"the archive has a member of the unknown kind {header[156:157]!r}")
    return header


def _size(header: bytes) -> int:
    size = _number(header[124:136])
    if size and header[156] in b"123456":
        raise MalformedError("a member of the archive that has no content has a size")
    return size


def _short_name(header: bytes) -> bytes:
    name, prefix = _text(header[:100]), _text(header[345:500]) if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _pax_path(content: bytes) -> bytes:
    """Return the path that an extended header gives, empty if none; a size of its own would hide what follows."""
    path, at = b"", 0
    while at < len(content):
        record = _RECORD.match(content, at)
        end = at + int(record[1]) if record else 0
        if not record or end <= record.end() or content[end - 1 : end] != b"\n":
            raise MalformedError("an extended header in the archive is not made of records")
        if record[2] in (b"size", b"linkpath") or record[2].startswith(b"GNU."):
            raise MalformedError("an extended header in the archive changes what a member is")
        path = content[record.end() : end - 1] if record[2] == b"path" else path
        at = end
    return path


def _text(name: bytes) -> bytes:
    return name.split(b"\0", 1)[0]


def _number(digits: bytes) -> int:
    found = _OCTAL.fullmatch(digits)
    if not found:
        raise MalformedError("a header in the archive has a number that is none")
    return int(found[1], 8)
