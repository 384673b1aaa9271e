"""What rpm's database says is installed, in each of the forms in which it was kept: SQLite, NDB, Berkeley DB.

SQLite is read by the standard library. The other two are formats of a few structures, whose libraries (Berkeley DB, rpm
itself) are not to be had from Python, and would have to be given a file.
"""

import sqlite3
import struct
from collections.abc import Iterator

from rebaser.contents.malformed import MalformedError
from rebaser.contents.package import Package
from rebaser.contents.rpm_header import MAX_HEADER, read_header

_MAX = 1 << 30
_MAX_PACKAGES = 100_000
_SQLITE = b"SQLite format 3\0"
_NDB, _NDB_SLOT, _NDB_BLOB = b"RpmP", b"Slot", b"BlbS"
_NDB_PAGE, _NDB_ROW, _NDB_HEAD = 4096, 16, 32
_BDB_MAGIC = 0x00061561
_BDB_HEAD = 26  # bytes before the items of a page
_BDB_HASH, _BDB_HASH_UNSORTED, _BDB_OVERFLOW = 13, 2, 7
_BDB_ELSEWHERE = 3  # a value on pages of its own; headers are too large for others
_STEPS = 1_000_000  # of SQLite's machine, between two looks at how many there were
_MAX_STEPS = 500


def read_database(body: bytes) -> tuple[Package, ...]:
    """Return the installed packages.

    Raises:
        MalformedError: it is none of the three, or a damaged one.
    """
    if len(body) > _MAX:
        raise MalformedError(f"rpm's database has {len(body)} bytes")
    packages = []
    for count, blob in enumerate(_headers(body)):
        if count > _MAX_PACKAGES:
            raise MalformedError(f"rpm's database has more than {_MAX_PACKAGES} packages")
        package = read_header(blob)
        if package is not None:
            packages.append(package)
    return tuple(packages)


def _headers(body: bytes) -> Iterator[bytes]:
    if body.startswith(_SQLITE):
        return _of_sqlite(body)
    if body.startswith(_NDB):
        return _of_ndb(body)
    for order in ("<", ">"):
        if body[12:16] == struct.pack(f"{order}I", _BDB_MAGIC):
            return _of_bdb(body, order)
    raise MalformedError("it is no database of rpm")


def _of_sqlite(body: bytes) -> Iterator[bytes]:
    plain = body[:18] + b"\1\1" + body[20:]  # not in write-ahead mode, which wants a file
    with_limits = sqlite3.connect(":memory:")
    steps = 0

    def give_up() -> bool:
        nonlocal steps
        steps += 1
        return steps > _MAX_STEPS

    try:
        with_limits.deserialize(plain)
        with_limits.text_factory = bytes  # which a damaged database may hold in any encoding
        with_limits.execute("PRAGMA trusted_schema = OFF")
        with_limits.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_HEADER)
        with_limits.set_progress_handler(give_up, _STEPS)
        kinds = with_limits.execute("SELECT type FROM sqlite_master WHERE name = 'Packages'").fetchall()
        if kinds != [(b"table",)]:
            raise MalformedError("rpm's database has no table of packages")
        for (blob,) in with_limits.execute("SELECT blob FROM Packages ORDER BY hnum"):
            if not isinstance(blob, bytes):
                raise MalformedError("rpm's database holds something else than headers")
            yield blob
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise MalformedError(f"rpm's database cannot be read: {error}") from error
    finally:
        with_limits.close()


def _of_ndb(body: bytes) -> Iterator[bytes]:
    if len(body) < _NDB_HEAD:
        raise MalformedError("rpm's database is cut off")
    (pages,) = struct.unpack_from("<I", body, 12)
    end = min(pages * _NDB_PAGE, len(body))
    for at in range(_NDB_HEAD, end - _NDB_ROW + 1, _NDB_ROW):
        magic, package, block, _ = struct.unpack_from("<4sIII", body, at)
        if magic != _NDB_SLOT:
            raise MalformedError("rpm's database has a damaged slot")
        if not package:
            continue
        start = block * _NDB_ROW
        if start + _NDB_ROW > len(body):
            raise MalformedError("rpm's database is cut off")
        mark, owner, _, size = struct.unpack_from("<4sIII", body, start)
        if mark != _NDB_BLOB or owner != package or start + _NDB_ROW + size > len(body):
            raise MalformedError("rpm's database has a damaged record")
        yield body[start + _NDB_ROW : start + _NDB_ROW + size]


def _of_bdb(body: bytes, order: str) -> Iterator[bytes]:
    (size,) = struct.unpack_from(f"{order}I", body, 20)
    if size < 512 or size & (size - 1):  # noqa: PLR2004
        raise MalformedError("rpm's database has pages of an impossible size")
    for start in range(size, len(body) - size + 1, size):
        page = body[start : start + size]
        if page[25] in (_BDB_HASH, _BDB_HASH_UNSORTED):
            yield from _of_page(page, body, size, order)


def _of_page(page: bytes, body: bytes, size: int, order: str) -> Iterator[bytes]:
    """Yield the values of a page of pairs; the first record of all is a counter, and no header."""
    (count,) = struct.unpack_from(f"{order}H", page, 20)
    if _BDB_HEAD + 2 * count > len(page):
        raise MalformedError("rpm's database has a damaged page")
    places = struct.unpack_from(f"{order}{count}H", page, _BDB_HEAD)
    for place in places[1::2]:
        if place + 12 > len(page):
            continue
        if page[place] == _BDB_ELSEWHERE:
            number, length = struct.unpack_from(f"{order}II", page, place + 4)
            yield _overflow(body, number, length, (size, order))


def _overflow(body: bytes, number: int, length: int, form: tuple[int, str]) -> bytes:
    """Return a value that is kept on pages of its own."""
    size, order = form
    if length > MAX_HEADER:
        raise MalformedError("rpm's database has an impossibly large record")
    out = bytearray()
    while number and len(out) < length:
        page = body[number * size : (number + 1) * size]
        if len(page) < size or page[25] != _BDB_OVERFLOW:
            raise MalformedError("rpm's database has a damaged record")
        following, used = struct.unpack_from(f"{order}I", page, 16)[0], struct.unpack_from(f"{order}H", page, 22)[0]
        if not 0 < used <= size - _BDB_HEAD:
            raise MalformedError("rpm's database has a damaged record")
        out += page[_BDB_HEAD : _BDB_HEAD + used]
        number = following
    return bytes(out[:length])
