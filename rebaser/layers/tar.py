"""The members of a layer's tar archive, in their order. Where engines would read different things, it is unreadable.

POSIX.1-2001 ustar and pax; GNU long names, base-256 numbers and sparse files; image-spec layer.md. Follows what Go's
archive/tar makes of an archive, since every engine is written in Go.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rebaser.layers import header as fields
from rebaser.layers import sparse
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.pax import read_records
from rebaser.layers.stream import Stream

BLOCK = 512
_ZERO = bytes(BLOCK)
_OLD_REGULAR = b"\0"
_REGULAR = _OLD_REGULAR + b"07S"
_HEADER_ONLY = b"123456"
_XATTR = "SCHILY.xattr."
_IGNORED_GLOBALS = {"comment"}
_LONG = {b"L": "=path", b"K": "=linkpath"}  # what GNU tar's long names are kept as: no record's name holds a `=`
_TOLD_TWICE = (("path", "=path"), ("GNU.sparse.name", "=path"), ("linkpath", "=linkpath"))


class Member(NamedTuple):
    """One entry. `path` and `link` as they stand in the archive; `content` must be read before the next is asked for.

    `kind` is tar's flag: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` directory, `6` FIFO.
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


def walk(stream: Stream, limits: Limits) -> Iterator[Member]:
    """Yield every member; the stream is read to its end.

    Raises:
        UnreadableError: the archive is malformed, ambiguous, cut short or over a limit.
    """
    names = holes = 0
    for count, (header, extended) in enumerate(_headers(stream, limits)):
        if count >= limits.entries:
            raise UnreadableError(f"it has more than {limits.entries} entries")
        kind = _kind(header)
        stored = _stored_size(header, extended, kind)
        layout = sparse.parts(header, extended, stored, stream, limits)
        holes += layout.holes
        if holes > limits.holes:
            raise UnreadableError(f"its sparse files leave out more than {limits.holes} bytes")
        content = _Content(stream, layout, stored)
        member = _member(header, extended, kind, content, limits)
        names += len(member.path) + len(member.link)
        if member.xattrs:
            names += sum(len(name) + len(value) for name, value in member.xattrs)
        if names > limits.names:
            raise UnreadableError(f"its names and attributes have more than {limits.names} bytes")
        yield member
        content.finish()
    stream.drain()


class _Content:
    """A member's content as it stands in the archive, of which the reader may leave any part unread."""

    def __init__(self, stream: Stream, layout: sparse.Layout, stored: int) -> None:
        self.size = layout.size
        self._stream = stream
        self._left = stored - layout.taken
        self._padding = -stored % BLOCK
        self._layout = layout

    def pieces(self) -> Iterator[memoryview]:
        if self._layout.parts is None:
            yield from self._stored(self._left)
            return
        for part in self._layout.parts:
            yield from part.zeros_before()
            yield from self._stored(part.length)

    def _stored(self, count: int) -> Iterator[memoryview]:
        for piece in self._stream.parts(count):
            self._left -= len(piece)
            yield piece

    def finish(self) -> None:
        self._stream.skip(self._left + self._padding)


def _headers(stream: Stream, limits: Limits) -> Iterator[tuple[bytes, dict[str, bytes]]]:
    """Yield each real header with the extended ones that came before it."""
    extended: dict[str, bytes] = {}
    before = b""
    while header := _next_header(stream):
        flag = header[156:157]
        if flag in b"xgLK":
            if before and (flag == b"g" or flag in before):
                raise UnreadableError("extended headers follow each other, and readers differ in which of them holds")
            body = _extension(header, stream, limits)
            if flag == b"g":
                _refuse_globals(read_records(body, limits))
            else:
                extended |= _extended(flag, body, limits)
                before += flag
            continue
        if len(before) > 1:
            _refuse_told_twice(extended)
        yield header, extended
        extended, before = {}, b""
    if before:
        raise UnreadableError("an extended header has no entry that it is for")


def _next_header(stream: Stream) -> bytes:
    """Return the next header, nothing at the end of the archive."""
    header = stream.take_or_end(BLOCK)
    if header != _ZERO:
        if header:
            fields.check(header)
        return header
    if stream.take_or_end(BLOCK) not in (_ZERO, b""):
        raise UnreadableError("a block of zeros stands between two entries")
    return b""


def _extension(header: bytes, stream: Stream, limits: Limits) -> bytes:
    size = fields.number(header[fields.SIZE])
    if size > limits.pax:
        raise UnreadableError(f"an extended header has {size} bytes, more than {limits.pax}")
    body = stream.take(size)
    if stream.take(-size % BLOCK).strip(b"\0"):
        raise UnreadableError("an extended header goes on behind its end, which some readers don't notice")
    return body


def _extended(flag: bytes, body: bytes, limits: Limits) -> dict[str, bytes]:
    if flag == b"x":
        return read_records(body, limits)
    name = body.split(b"\0", 1)[0]
    if not name:
        raise UnreadableError("a long name is empty, and readers differ in what that means")
    return {_LONG[flag]: name}


def _refuse_told_twice(extended: dict[str, bytes]) -> None:
    for one, other in _TOLD_TWICE:
        if one in extended and other in extended:
            raise UnreadableError(f"an entry has its {other[1:]} from two extended headers")


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


def _stored_size(header: bytes, extended: dict[str, bytes], kind: str) -> int:
    if kind == "1":
        return 0  # some writers give the size of the file that is joined
    told = extended.get("size")
    size = fields.number(header[fields.SIZE]) if told is None else int(told)
    if size and kind != "0":
        raise UnreadableError("an entry that is no file has a size, and only some readers look for content behind it")
    return size


def _member(header: bytes, extended: dict[str, bytes], kind: str, content: _Content, limits: Limits) -> Member:
    path = _path(header, extended)
    if kind == "0" and (path[-1:] == "/" or (extended and header[156:157] == _OLD_REGULAR)):
        kind = _file_or_directory(header, path, content)
    return Member(
        path,
        kind,
        fields.number(header[fields.MODE]) & 0o7777,
        fields.identity(header[fields.OWNER], extended.get("uid")),
        fields.identity(header[fields.GROUP], extended.get("gid")),
        content.size if kind == "0" else 0,
        _link(header, extended, limits) if kind in "12" else "",
        fields.device(header) if kind in "34" else (0, 0),
        _xattrs(extended) if extended else (),
        content.pieces(),
    )


def _file_or_directory(header: bytes, path: str, content: _Content) -> str:
    """Return the kind of an entry that may have none: a name that ends in a slash was a directory's, once."""
    if not path.endswith("/") and not fields.path(header).endswith(b"/"):
        return "0"
    if header[156:157] != _OLD_REGULAR or content.size or not fields.path(header).endswith(b"/") or path[-1:] != "/":
        raise UnreadableError(f"{path!r} is a file to some readers and a directory to others")
    return "5"


def _path(header: bytes, extended: dict[str, bytes]) -> str:
    if extended:
        for told in ("GNU.sparse.name", "path", "=path"):
            if told in extended:
                return _text(extended[told])
    return _text(fields.path(header))


def _link(header: bytes, extended: dict[str, bytes], limits: Limits) -> str:
    link = extended.get("linkpath") or extended.get("=linkpath") or fields.link(header)
    if not link:
        raise UnreadableError("a link leads to nothing that has a name")
    if len(link) > limits.link:
        raise UnreadableError(f"the link {_text(link[:80])!r} is longer than {limits.link} bytes")
    return _text(link)


def _xattrs(extended: dict[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    found = ((name[len(_XATTR) :], value) for name, value in extended.items() if name.startswith(_XATTR))
    return tuple(sorted(found))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
