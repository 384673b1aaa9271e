"""Writes members of a layer's tar archive, the same bytes on every machine. POSIX.1-2001 ustar, pax where needed."""

from collections.abc import Iterator

from rebaser.layers.entry import Entry, Kind

BLOCK = 512
END = bytes(2 * BLOCK)
_FLAGS = {Kind.FILE: b"0", Kind.SYMLINK: b"2", Kind.DIRECTORY: b"5"}
_NAME = 100  # bytes of a name in the header itself
_LARGEST_ID = 0o7777777
_XATTR = b"SCHILY.xattr."


def written(entry: Entry, content: bytes = b"", modified: int = 0) -> bytes:
    """Return the blocks of a file, a symbolic link or a directory; `modified` is in seconds since 1970.

    Raises:
        KeyError: it is of another kind.
    """
    flag = _FLAGS[entry.kind]
    path = _encoded(entry.path + "/" if entry.kind is Kind.DIRECTORY else entry.path)
    link = _encoded(entry.link) if entry.kind is Kind.SYMLINK else b""
    records = b"".join(_record(name, value) for name, value in _records(entry, path, link))
    pax = _member(b"x", b"pax/" + path[: _NAME - 4], (0o644, 0, 0, 0), b"", records) if records else b""
    access = (entry.mode, min(entry.uid, _LARGEST_ID), min(entry.gid, _LARGEST_ID), max(modified, 0))
    return pax + _member(flag, path[:_NAME], access, link[:_NAME], content)


def whiteout(path: str) -> bytes:
    """Return the blocks of what removes a path of layers below. image-spec layer.md#whiteouts."""
    directory, _, name = path.rpartition("/")
    return written(Entry(f"{directory}/.wh.{name}" if directory else f".wh.{name}", Kind.FILE, 0))


def _records(entry: Entry, path: bytes, link: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield what the header itself has no place for."""
    for name, number in ((b"gid", entry.gid), (b"uid", entry.uid)):
        if number > _LARGEST_ID:
            yield name, str(number).encode()
    for name, text in ((b"linkpath", link), (b"path", path)):
        if len(text) > _NAME:
            yield name, text
    for attribute, value in sorted(entry.xattrs):
        yield _XATTR + _encoded(attribute), value


def _record(name: bytes, value: bytes) -> bytes:
    """Return a record, which begins with its own length."""
    rest = b" " + name + b"=" + value + b"\n"
    length = len(rest) + len(str(len(rest)))
    length = len(rest) + len(str(length))
    return str(length).encode() + rest


def _member(flag: bytes, path: bytes, access: tuple[int, int, int, int], link: bytes, content: bytes) -> bytes:
    mode, uid, gid, modified = access
    header = bytearray(BLOCK)
    header[:_NAME] = path.ljust(_NAME, b"\0")
    header[100:108], header[108:116], header[116:124] = _octal(mode, 8), _octal(uid, 8), _octal(gid, 8)
    header[124:136], header[136:148] = _octal(len(content), 12), _octal(modified, 12)
    header[148:156], header[156:157] = b" " * 8, flag
    header[157:257] = link.ljust(_NAME, b"\0")
    header[257:265] = b"ustar\x0000"
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + content + bytes(-len(content) % BLOCK)


def _octal(number: int, width: int) -> bytes:
    return b"%0*o\0" % (width - 1, number)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
