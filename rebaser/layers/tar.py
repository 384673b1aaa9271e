"""The members of a layer's tar archive, in their order. Where engines would read different things, it is unreadable.

POSIX.1-2001 ustar and pax; GNU long names, base-256 numbers and sparse files; image-spec layer.md. Follows what Go's
archive/tar makes of an archive, since every engine is written in Go.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rebaser.layers import sparse
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.pax import number, read_records
from rebaser.layers.stream import Contents, Source, Stream

BLOCK = 512
_ZERO = bytes(BLOCK)
_REGULAR = b"\0" + b"07S"
_HEADER_ONLY = b"123456"
_BASE_256 = 0x80
_NEGATIVE = 0x40
_XATTR = "SCHILY.xattr."
_IGNORED_GLOBALS = {"comment"}


class Member(NamedTuple):
    """One entry. `path` and `link` as they stand in the archive; `content` must be read before the next is asked for.

    `kind` is tar's flag: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` directory, `6` FIFO.
    `times` are the header's field for the time of change, and the record that overrules it, empty where there is none.
    """

    path: str
    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    link: str
    device: tuple[int, int]
    xattrs: tuple[tuple[str, bytes], ...]
    content: Iterator[memoryview]
    times: tuple[bytes, bytes] = (b"", b"")


def walk(stream: Stream, limits: Limits) -> Iterator[Member]:
    """Yield every member; the stream is read to its end.

    Raises:
        UnreadableError: the archive is malformed, ambiguous, cut short or over a limit.
    """
    for header, extended in headers(stream, limits):
        member, content = read_member(header, extended, stream, stream, limits)
        yield member
        content.finish()
    stream.drain()


def read_member(
    header: bytes, extended: dict[str, bytes], source: Source, stream: Contents, limits: Limits
) -> tuple[Member, "Content"]:
    """Return the member of a header; its content is read from `stream`, and what comes before that from `source`.

    Raises:
        UnreadableError: as `walk`.
    """
    kind = _kind(header)
    stored = 0 if header[156:157] in _HEADER_ONLY else _stored_size(header, extended)
    content = Content(stream, sparse.parts(header, extended, stored, source, limits), stored)
    return _member(header, extended, kind, content, limits), content


class Content:
    """A member's content as it stands in the archive, of which the reader may leave any part unread."""

    def __init__(self, stream: Contents, layout: sparse.Layout, stored: int) -> None:
        self.size = layout.size
        self._stream = stream
        self._left = stored - layout.taken
        self._padding = -stored % BLOCK
        self._layout = layout

    def pieces(self) -> Iterator[memoryview]:
        """Yield the content, with the zeros that a sparse file leaves out."""
        if self._layout.parts is None:
            left, self._left = self._left, 0
            yield from self._stream.parts(left)
            return
        for part in self._layout.parts:
            yield from part.zeros_before()
            self._left -= part.length
            yield from self._stream.parts(part.length)

    def stored(self) -> Iterator[memoryview]:
        """Yield the content as it is stored, and the padding behind it."""
        left, self._left, self._padding = self._left + self._padding, 0, 0
        yield from self._stream.parts(left)

    def finish(self) -> None:
        """Pass over what nobody read."""
        self._stream.skip(self._left + self._padding)


def headers(stream: Source, limits: Limits) -> Iterator[tuple[bytes, dict[str, bytes]]]:
    """Yield each real header with the records of the extended ones before it, and `GNU.longname`, `GNU.longlink`.

    Raises:
        UnreadableError: as `walk`.
    """
    extended: dict[str, bytes] = {}
    count = 0
    while header := _next_header(stream):
        flag = header[156:157]
        if flag in b"xgLK":
            body = _extension(header, stream, limits)
            if flag == b"g":
                _refuse_globals(read_records(body, limits))
            else:
                extended |= _extended(flag, body, limits)
            continue
        if count >= limits.entries:
            raise UnreadableError(f"it has more than {limits.entries} entries")
        count += 1
        yield header, extended
        extended = {}
    if extended:
        raise UnreadableError("an extended header has no entry that it is for")


def _next_header(stream: Source) -> bytes:
    """Return the next header, nothing at the end of the archive."""
    header = stream.take_or_end(BLOCK)
    if header != _ZERO:
        if header:
            _check_sum(header)
        return header
    if stream.take_or_end(BLOCK) not in (_ZERO, b""):
        raise UnreadableError("a block of zeros stands between two entries")
    return b""


def _check_sum(header: bytes) -> None:
    field = header[148:156]
    told, unsigned = _octal(field), sum(header) - sum(field) + 8 * ord(" ")
    if told != unsigned and told != unsigned - 256 * sum(byte > 127 for byte in header):  # noqa: PLR2004
        raise UnreadableError("a header's checksum is wrong, or it is no tar archive")


def _extension(header: bytes, stream: Source, limits: Limits) -> bytes:
    size = _number(header[124:136])
    if size > limits.pax:
        raise UnreadableError(f"an extended header has {size} bytes, more than {limits.pax}")
    body = stream.take(size)
    stream.skip(-size % BLOCK)
    return body


def _extended(flag: bytes, body: bytes, limits: Limits) -> dict[str, bytes]:
    if flag == b"x":
        # An empty value takes a record back, except of an attribute, whose value may be empty.
        records = read_records(body, limits).items()
        return {name: value for name, value in records if value or name.startswith(_XATTR)}
    return {"GNU.longlink" if flag == b"K" else "GNU.longname": body.split(b"\0", 1)[0]}


def _refuse_globals(records: dict[str, bytes]) -> None:
    if told := sorted(records.keys() - _IGNORED_GLOBALS):
        raise UnreadableError(f"a global header sets {', '.join(told)!r}, which only some tar readers apply")


def _kind(header: bytes) -> str:
    flag = header[156:157]
    if flag in _HEADER_ONLY:
        return flag.decode()
    if flag in _REGULAR:
        return "0"
    raise UnreadableError(f"it has an entry of the unknown kind {flag!r}")


def _stored_size(header: bytes, extended: dict[str, bytes]) -> int:
    if "size" in extended:
        return number(extended["size"], "size")
    return _number(header[124:136])


def _member(header: bytes, extended: dict[str, bytes], kind: str, content: Content, limits: Limits) -> Member:
    path = _path(header, extended)
    if kind == "0" and path.endswith("/"):
        if content.size:
            raise UnreadableError(f"{path!r} has the name of a directory and the content of a file")
        kind = "5"
    link = _link(header, extended) if kind in "12" else ""
    if len(link.encode("utf-8", "surrogateescape")) > limits.link:
        raise UnreadableError(f"the link {path!r} is longer than {limits.link} bytes")
    return Member(
        path,
        kind,
        _octal(header[100:108]) & 0o7777,
        _identity(header[108:116], extended.get("uid")),
        _identity(header[116:124], extended.get("gid")),
        content.size if kind == "0" else 0,
        link,
        (_number(header[329:337]), _number(header[337:345])) if kind in "34" else (0, 0),
        _xattrs(extended) if extended else (),
        content.pieces(),
        (header[136:148], extended.get("mtime", b"")),
    )


def _path(header: bytes, extended: dict[str, bytes]) -> str:
    for told in ("GNU.sparse.name", "path", "GNU.longname"):
        if told in extended:
            return _text(extended[told])
    name, prefix = _until_nul(header[:100]), b""
    if header[257:263] == b"ustar\0":
        prefix = _until_nul(header[345:500])
    return _text(prefix + b"/" + name if prefix else name)


def _link(header: bytes, extended: dict[str, bytes]) -> str:
    for name in ("linkpath", "GNU.longlink"):
        if name in extended:
            return _text(extended[name])
    return _text(_until_nul(header[157:257]))


def _xattrs(extended: dict[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    found = ((name[len(_XATTR) :], value) for name, value in extended.items() if name.startswith(_XATTR))
    return tuple(sorted(found))


def _identity(field: bytes, record: bytes | None) -> int:
    return _number(field) if record is None else number(record, "owner")


def _until_nul(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """Return a number in octal digits or, as GNU tar writes large ones, in base 256."""
    if not field[0] & _BASE_256:
        return _octal(field)
    if field[0] & _NEGATIVE:
        raise UnreadableError("a header holds a negative number")
    return int.from_bytes(bytes((field[0] & ~_BASE_256,)) + field[1:], "big")


def _octal(field: bytes) -> int:
    digits = field.strip(b"\0 ") or b"0"
    if not digits.isdigit() or b"8" in digits or b"9" in digits:
        raise UnreadableError("a header holds a number that is none, or it is no tar archive")
    return int(digits, 8)
