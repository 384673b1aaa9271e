"""A layer's tar with some of its members moved, left out, or made files of their own; all others as they stand.

POSIX.1-2001 ustar and pax. What is not changed keeps its very blocks. What is changed keeps all that its headers say
of times, owners' names and sparse parts; names that a header has no room for stand in a pax record.
"""

from collections.abc import Iterable, Iterator, Mapping

from rebaser.layers import whiteout
from rebaser.layers.blocks import Blocks, walk_blocks
from rebaser.layers.changes import Changes, Joined
from rebaser.layers.compression import decompressed
from rebaser.layers.entry import clean_path
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.layers.stream import Stream
from rebaser.layers.tar import BLOCK, Member

_END = bytes(2 * BLOCK)
_NAME, _LINK = slice(0, 100), slice(157, 257)
_MODE, _UID, _GID, _SIZE = slice(100, 108), slice(108, 116), slice(116, 124), slice(124, 136)
_SUM, _FLAG, _MAGIC, _PREFIX = slice(148, 156), slice(156, 157), slice(257, 263), slice(345, 500)
_USTAR = b"ustar\0"
_FIELD = 100  # bytes of a name in a header
_MAX_ID = 0o7777777  # that a header's seven octal digits hold
_NAMES = ("path", "linkpath", "GNU.longname", "GNU.longlink")
_PAIRS = ("GNU.sparse.offset", "GNU.sparse.numbytes")  # all of which stand in GNU.sparse.map
_SPARSE_NAME = "GNU.sparse.name"
_OF_ITS_OWN = ("uid", "gid", "size", "SCHILY.xattr.", "GNU.sparse.")
_PAX_NAME = b"PaxHeaders/"

Records = dict[str, bytes]


def rewritten(chunks: Iterable[bytes], changes: Changes, limits: Limits = DEFAULT) -> Iterator[bytes]:
    """Yield the new tar, uncompressed, of the layer whose blob is `chunks`; it ends with two blocks of zeros.

    Raises:
        UnreadableError: the layer is malformed, ambiguous, or over a limit; or a header would be over one.
    """
    for blocks in walk_blocks(Stream(decompressed(chunks, limits)), limits):
        for piece in _member(blocks, changes, limits):
            yield bytes(piece)
    yield _END


def _member(blocks: Blocks, changes: Changes, limits: Limits) -> Iterable[bytes | memoryview]:
    member = blocks.member
    path = clean_path(member.path, limits)
    marked = whiteout.read(path)
    if marked is None:
        if path in changes.dropped:
            return ()
        if member.kind == "1" and path in changes.joined:
            return _file(blocks, _styled(member, changes.place(path)), changes.joined[path], limits)
        return _entry(blocks, path, changes, limits)
    if marked.kind is whiteout.Mark.REMOVED and marked.path in changes.idle:
        return ()
    if marked.kind is whiteout.Mark.RECORD or marked.path not in changes.moved:
        return _as_it_stands(blocks)
    moved = whiteout.written(marked._replace(path=changes.moved[marked.path]))
    return _renamed(blocks, _styled(member, moved), member.link, limits)


def _entry(blocks: Blocks, path: str, changes: Changes, limits: Limits) -> Iterable[bytes | memoryview]:
    member = blocks.member
    target = clean_path(member.link, limits) if member.kind == "1" else ""
    if path not in changes.moved and target not in changes.moved:
        return _as_it_stands(blocks)
    name = _styled(member, changes.moved[path]) if path in changes.moved else member.path
    return _renamed(blocks, name, changes.moved.get(target, member.link), limits)


def _as_it_stands(blocks: Blocks) -> Iterator[bytes | memoryview]:
    yield blocks.headers
    yield from blocks.others


def _styled(member: Member, path: str) -> str:
    """Return a path as this archive writes its paths."""
    return ("./" if member.path.startswith("./") else "") + path + ("/" if member.kind == "5" else "")


def _renamed(blocks: Blocks, name: str, link: str, limits: Limits) -> Iterator[bytes | memoryview]:
    records = {key: value for key, value in blocks.extended.items() if key not in (*_NAMES, *_PAIRS)}
    yield from _headers(bytearray(blocks.headers[-BLOCK:]), records, name, link, limits)
    yield from blocks.others


def _file(blocks: Blocks, name: str, joined: Joined, limits: Limits) -> Iterator[bytes]:
    records = {
        key: value for key, value in blocks.extended.items() if key not in _NAMES and not key.startswith(_OF_ITS_OWN)
    }
    header = bytearray(blocks.headers[-BLOCK:])
    header[_FLAG] = b"0"
    header[_MODE] = b"%07o\0" % joined.mode
    header[_SIZE] = b"%011o\0" % len(joined.content)
    for key, field, number in (("uid", _UID, joined.uid), ("gid", _GID, joined.gid)):
        header[field] = b"%07o\0" % min(number, _MAX_ID)
        if number > _MAX_ID:
            records[key] = b"%d" % number
    records |= {f"SCHILY.xattr.{key}": value for key, value in joined.xattrs}
    yield from _headers(header, records, name, "", limits)
    yield joined.content
    yield bytes(-len(joined.content) % BLOCK)


def _headers(header: bytearray, records: Records, name: str, link: str, limits: Limits) -> Iterator[bytes]:
    """Yield the headers of a member of which nothing is as it was but its name and what it links to."""
    if header[_MAGIC] == _USTAR:
        if header[_FLAG] == b"S":
            raise UnreadableError("a sparse file of GNU tar says that it is of another, which has its name there")
        header[_PREFIX] = bytes(155)
    encoded, linked = _bytes(name), _bytes(link)
    header[_NAME], header[_LINK] = _in_field(encoded), _in_field(linked)
    if _SPARSE_NAME in records:
        records[_SPARSE_NAME] = encoded
    records |= {key: text for key, text in (("path", encoded), ("linkpath", linked)) if not _has_room(text)}
    if records:
        yield from _pax(records, encoded, limits)
    yield _summed(header)


def _pax(records: Mapping[str, bytes], name: bytes, limits: Limits) -> Iterator[bytes]:
    body = b"".join(_record(_bytes(key) + b"=" + value) for key, value in records.items())
    if len(body) > limits.pax:
        raise UnreadableError(f"an extended header would have {len(body)} bytes, more than {limits.pax}")
    header = bytearray(BLOCK)
    header[_NAME] = _in_field(_PAX_NAME + name.strip(b"/").rpartition(b"/")[2])
    header[_MODE], header[_UID], header[_GID] = b"0000644\0", b"0000000\0", b"0000000\0"
    header[_SIZE], header[136:148] = b"%011o\0" % len(body), b"00000000000\0"
    header[_FLAG], header[257:265] = b"x", b"ustar\00000"
    yield _summed(header)
    yield body + bytes(-len(body) % BLOCK)


def _record(text: bytes) -> bytes:
    """Return a record behind its length, which counts its own digits."""
    rest = len(text) + 2
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s\n" % (length, text)


def _has_room(text: bytes) -> bool:
    """Answer whether every reader takes the name from a header's field; one that is not UTF-8 means its bytes there."""
    return len(text) <= _FIELD and (text.isascii() or not _is_utf_8(text))


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _in_field(text: bytes) -> bytes:
    shown = text if _has_room(text) else bytes(byte if byte < 0x80 else ord("_") for byte in text)  # noqa: PLR2004
    return shown[:_FIELD].ljust(_FIELD, b"\0")


def _summed(header: bytearray) -> bytes:
    header[_SUM] = b" " * 8
    header[_SUM] = b"%06o\0 " % sum(header)
    return bytes(header)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


__all__ = ["Changes", "Joined", "rewritten"]
