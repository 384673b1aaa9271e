"""The members of a layer's tar archive, in their order. Where engines would read different things, it is unreadable.

POSIX.1-2001 ustar and pax; GNU long names, base-256 numbers and sparse files; image-spec layer.md. Follows what Go's
archive/tar makes of an archive, since every engine is written in Go.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rebaser.layers import header as fields
from rebaser.layers import sparse
from rebaser.layers.extended import BLOCK, LONG_LINK, LONG_PATH, headers
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.stream import Contents, Source, Stream

_OLD_REGULAR = b"\0"
_REGULAR = _OLD_REGULAR + b"07S"
_HEADER_ONLY = b"123456"
_XATTR = "SCHILY.xattr."


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
    members = Members(limits)
    for header, extended in headers(stream, limits):
        member, content = members.read(header, extended, stream, stream)
        yield member
        content.finish()
    stream.drain()


class Members:
    """Makes the members of an archive of their headers, and sees that all of them together are within the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._count = self._names = self._holes = 0

    def read(
        self, header: bytes, extended: dict[str, bytes], source: Source, stream: Contents
    ) -> tuple[Member, "Content"]:
        """Return a member; its content is read from `stream`, and the map of a sparse file, before it, from `source`.

        Raises:
            UnreadableError: as `walk`.
        """
        kind = _kind(header)
        stored = _stored_size(header, extended, kind)
        layout = sparse.parts(header, extended, stored, source, self._limits)
        content = Content(stream, layout, stored)
        member = _member(header, extended, kind, content, self._limits)
        self.count(member, layout.holes)
        return member, content

    def count(self, member: Member, holes: int = 0) -> None:
        """Take notice of one more member, of which `holes` bytes are not stored.

        Raises:
            UnreadableError: together they are over a limit.
        """
        limits = self._limits
        self._count += 1
        self._holes += holes
        self._names += len(member.path) + len(member.link)
        if member.xattrs:
            self._names += sum(len(name) + len(value) for name, value in member.xattrs)
        if self._count > limits.entries:
            raise UnreadableError(f"it has more than {limits.entries} entries")
        if self._holes > limits.holes:
            raise UnreadableError(f"its sparse files leave out more than {limits.holes} bytes")
        if self._names > limits.names:
            raise UnreadableError(f"its names and attributes have more than {limits.names} bytes")


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
            yield from self._stored(self._left)
            return
        for part in self._layout.parts:
            yield from part.zeros_before()
            yield from self._stored(part.length)

    def _stored(self, count: int) -> Iterator[memoryview]:
        for piece in self._stream.parts(count):
            self._left -= len(piece)
            yield piece

    def stored(self) -> Iterator[memoryview]:
        """Yield the content as it is stored, and the padding behind it."""
        left, self._left, self._padding = self._left + self._padding, 0, 0
        yield from self._stream.parts(left)

    def finish(self) -> None:
        """Pass over what nobody read."""
        self._stream.skip(self._left + self._padding)


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


def _member(header: bytes, extended: dict[str, bytes], kind: str, content: Content, limits: Limits) -> Member:
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
        (header[136:148], extended.get("mtime", b"")),
    )


def _file_or_directory(header: bytes, path: str, content: Content) -> str:
    """Return the kind of an entry that may have none: a name that ends in a slash was a directory's, once."""
    if not path.endswith("/") and not fields.path(header).endswith(b"/"):
        return "0"
    if header[156:157] != _OLD_REGULAR or content.size or not fields.path(header).endswith(b"/") or path[-1:] != "/":
        raise UnreadableError(f"{path!r} is a file to some readers and a directory to others")
    return "5"


def _path(header: bytes, extended: dict[str, bytes]) -> str:
    if extended:
        for told in ("GNU.sparse.name", "path", LONG_PATH):
            if told in extended:
                return _text(extended[told])
    return _text(fields.path(header))


def _link(header: bytes, extended: dict[str, bytes], limits: Limits) -> str:
    link = extended.get("linkpath") or extended.get(LONG_LINK) or fields.link(header)
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
