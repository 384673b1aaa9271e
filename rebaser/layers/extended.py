"""The headers of a tar archive's members, each with what the extended headers before it say of the same member.

POSIX.1-2001 pax, and GNU tar's long names.
"""

from collections.abc import Iterator

from rebaser.layers import header as fields
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.pax import read_records
from rebaser.layers.stream import Source

BLOCK = 512
_ZERO = bytes(BLOCK)
_IGNORED_GLOBALS = {"comment"}
LONG_PATH, LONG_LINK = "=path", "=linkpath"  # what GNU tar's long names are kept as: no record's name holds a `=`
_LONG = {b"L": LONG_PATH, b"K": LONG_LINK}
_TOLD_TWICE = (("path", LONG_PATH), ("GNU.sparse.name", LONG_PATH), ("linkpath", LONG_LINK))


def headers(stream: Source, limits: Limits) -> Iterator[tuple[bytes, dict[str, bytes]]]:
    """Yield each member's header with the records of the extended ones before it.

    GNU tar's long names are among them, as `LONG_PATH` and `LONG_LINK`.

    Raises:
        UnreadableError: as `walk`.
    """
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


def _next_header(stream: Source) -> bytes:
    """Return the next header, nothing at the end of the archive."""
    header = stream.take_or_end(BLOCK)
    if header != _ZERO:
        if header:
            fields.check(header)
        return header
    if stream.take_or_end(BLOCK) not in (_ZERO, b""):
        raise UnreadableError("a block of zeros stands between two entries")
    return b""


def _extension(header: bytes, stream: Source, limits: Limits) -> bytes:
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
