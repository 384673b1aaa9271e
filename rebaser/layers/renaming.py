"""The headers of a member under another name, or as those of a file of its own; all else that they say stays.

POSIX.1-2001 ustar and pax. Names that a header has no room for stand in a pax record.
"""

from collections.abc import Mapping

from rebaser.layers.blocks import Blocks
from rebaser.layers.changes import Joined
from rebaser.layers.extended import BLOCK, LONG_LINK, LONG_PATH
from rebaser.layers.header import USTAR
from rebaser.layers.limits import Limits, UnreadableError

_NAME, _LINK = slice(0, 100), slice(157, 257)
_MODE, _UID, _GID, _SIZE = slice(100, 108), slice(108, 116), slice(116, 124), slice(124, 136)
_SUM, _FLAG, _MAGIC, _PREFIX = slice(148, 156), slice(156, 157), slice(257, 263), slice(345, 500)
_FIELD = 100  # bytes of a name in a header
_MAX_ID = 0o7777777  # that a header's seven octal digits hold
_NAMES = ("path", "linkpath", LONG_PATH, LONG_LINK)
_PAIRS = ("GNU.sparse.offset", "GNU.sparse.numbytes")  # all of which stand in GNU.sparse.map
_SPARSE_NAME = "GNU.sparse.name"
_OF_ITS_OWN = ("uid", "gid", "size", "SCHILY.xattr.", "GNU.sparse.")
_PAX_NAME = b"PaxHeaders/"

Records = dict[str, bytes]


def renamed(blocks: Blocks, name: str, link: str, limits: Limits) -> bytes:
    """Return the headers of a member that has another name, or links to another one.

    Raises:
        UnreadableError: an extended header would be over a limit.
    """
    header = bytearray(blocks.headers[-BLOCK:])
    if header[_FLAG] == b"\0":  # of which some readers make a file or a directory by its name
        header[_FLAG] = blocks.member.kind.encode()
    records = {key: value for key, value in blocks.extended.items() if key not in (*_NAMES, *_PAIRS)}
    return _headers(header, records, name, link, limits)


def unjoined(blocks: Blocks, name: str, joined: Joined, limits: Limits) -> bytes:
    """Return the headers of a hard link as those of the file that it becomes.

    Raises:
        UnreadableError: an extended header would be over a limit.
    """
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
    return _headers(header, records, name, "", limits)


def _headers(header: bytearray, records: Records, name: str, link: str, limits: Limits) -> bytes:
    """Return the headers of a member of which all is as it was but its name and what it links to."""
    if header[_MAGIC] == USTAR:
        header[_PREFIX] = bytes(155)
    encoded, linked = _bytes(name), _bytes(link)
    header[_NAME], header[_LINK] = _in_field(encoded), _in_field(linked)
    if _SPARSE_NAME in records:
        records[_SPARSE_NAME] = encoded
    records |= {key: text for key, text in (("path", encoded), ("linkpath", linked)) if not _has_room(text)}
    return (_pax(records, encoded, limits) if records else b"") + _summed(header)


def _pax(records: Mapping[str, bytes], name: bytes, limits: Limits) -> bytes:
    body = b"".join(_record(_bytes(key) + b"=" + value) for key, value in records.items())
    if len(body) > limits.pax:
        raise UnreadableError(f"an extended header would have {len(body)} bytes, more than {limits.pax}")
    header = bytearray(BLOCK)
    header[_NAME] = _in_field(_PAX_NAME + name.strip(b"/").rpartition(b"/")[2])
    header[_MODE], header[_UID], header[_GID] = b"0000644\0", b"0000000\0", b"0000000\0"
    header[_SIZE], header[136:148] = b"%011o\0" % len(body), b"00000000000\0"
    header[_FLAG], header[257:265] = b"x", b"ustar\00000"
    return _summed(header) + body + bytes(-len(body) % BLOCK)


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
