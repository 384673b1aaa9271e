"""The three forms of rpm's database, made on the spot."""

import sqlite3
import struct
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.contents.package import Provision, written
from rebaser.contents.rpm import read_database

STRING, STRINGS, INT32 = 6, 8, 4


def a_header(name: str, version: str = "3.0", release: str = "1.el9", epoch: int | None = None) -> bytes:
    """The index of tags and the values, as rpm keeps them."""
    values: list[tuple[int, int, list[str] | list[int]]] = [
        (1000, STRING, [name]),
        (1001, STRING, [version]),
        (1002, STRING, [release]),
        (1022, STRING, ["x86_64"]),
        (1044, STRING, [f"{name}-{version}-{release}.src.rpm"]),
        (1047, STRINGS, [name, f"lib{name}.so.1()(64bit)"]),
        (1113, STRINGS, [f"{version}-{release}", ""]),
        (1049, STRINGS, ["glibc", "rpmlib(CompressedFileNames)", "/bin/sh"]),
        (1048, INT32, [12, 10 | 1 << 24, 0]),
        (1050, STRINGS, ["2.34", "3.0.4-1", ""]),
    ]
    values += [(1003, INT32, [epoch])] if epoch is not None else []
    rows, data = b"", b""
    for tag, kind, listed in values:
        data += bytes(-len(data) % 4) if kind == INT32 else b""
        rows += struct.pack(">IIII", tag, kind, len(data), len(listed))
        data += b"".join(one.encode() + b"\0" if isinstance(one, str) else struct.pack(">I", one) for one in listed)
    return struct.pack(">II", len(values), len(data)) + rows + data


def a_sqlite(*headers: bytes) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(one,) for one in headers])
        database.commit()
        content = bytearray(database.serialize())
    database.close()
    content[18:20] = b"\2\2"  # as rpm leaves it, in write-ahead mode
    return bytes(content)


def an_ndb(*headers: bytes) -> bytes:
    slots, blobs = b"", b""
    for number, header in enumerate(headers, 1):
        blobs += bytes(-len(blobs) % 16)
        slots += struct.pack("<4sIII", b"Slot", number, (4096 + len(blobs)) // 16, 1)
        blobs += struct.pack("<4sIII", b"BlbS", number, 1, len(header)) + header
    head = struct.pack("<4sIII", b"RpmP", 0, 1, 1) + bytes(16)
    free = struct.pack("<4sIII", b"Slot", 0, 0, 0) * ((4096 - 32 - len(slots)) // 16)
    return head + slots + free + blobs


def a_bdb(*headers: bytes, size: int = 512) -> bytes:
    """A hash of pairs, values on pages of their own, two pages each."""
    pages = [bytearray(size)]
    pages[0][12:16], pages[0][20:24] = struct.pack("<I", 0x061561), struct.pack("<I", size)
    table = bytearray(size)
    pages.append(table)
    places = []
    at = size
    for number, header in enumerate(headers, 1):
        first, room = len(pages), size - 26
        parts = [header[start : start + room] for start in range(0, len(header), room)]
        for position, part in enumerate(parts):
            following = first + position + 1 if position + 1 < len(parts) else 0
            page = bytearray(size)
            struct.pack_into("<I", page, 16, following)
            struct.pack_into("<HH", page, 20, 1, len(part))
            page[25], page[26 : 26 + len(part)] = 7, part
            pages.append(page)
        at -= 5
        table[at : at + 5] = b"\1" + struct.pack("<I", number)
        places.append(at)
        at -= 12
        table[at : at + 12] = struct.pack("<B3xII", 3, first, len(header))
        places.append(at)
    struct.pack_into("<H", table, 20, len(places))
    table[25] = 13
    struct.pack_into(f"<{len(places)}H", table, 26, *places)
    return b"".join(bytes(page) for page in pages)


FORMS = [a_sqlite, an_ndb, a_bdb]


@pytest.mark.parametrize("form", FORMS)
def test_packages_of_each_form(form: Callable[..., bytes]) -> None:
    body = form(a_header("openssl", epoch=1), a_header("gpg-pubkey"), a_header("zlib", release="2.el9"))
    openssl, zlib = read_database(body)
    assert (openssl.name, openssl.version, openssl.architecture) == ("openssl", "1:3.0-1.el9", "x86_64")
    assert (zlib.name, zlib.version) == ("zlib", "3.0-2.el9")
    assert [written(one) for one in zlib.requires] == ["glibc (>= 2.34)", "/bin/sh"]
    assert zlib.provides == (Provision("zlib", "3.0-2.el9"), Provision("libzlib.so.1()(64bit)", ""))


@pytest.mark.parametrize("form", FORMS)
@given(at=st.integers(0, 6000), wrong=st.binary(min_size=1, max_size=6))
def test_a_damaged_database_is_read_or_malformed(form: Callable[..., bytes], at: int, wrong: bytes) -> None:
    body = form(a_header("a"), a_header("b"))
    with suppress(MalformedError):
        read_database(body[:at] + wrong + body[at + len(wrong) :])


@given(st.binary(max_size=200))
def test_what_is_none_of_the_three_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_database(body)


def test_a_view_in_place_of_the_table_is_malformed() -> None:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE VIEW Packages AS SELECT 1 AS hnum, zeroblob(9) AS blob")
        content = database.serialize()
    database.close()
    with pytest.raises(MalformedError, match="no table of packages"):
        read_database(content)
