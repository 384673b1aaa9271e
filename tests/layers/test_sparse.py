"""Maps of sparse files that lie."""

from dataclasses import replace

import pytest

from rebaser.layers.header import GNU
from rebaser.layers.limits import DEFAULT, UnreadableError
from tests.layers.archives import END, entry, extended, read

PREFIX = b"GNU.sparse."
EXBIBYTES = 8 << 60


def in_records(size: int, parts: str, stored: bytes, count: int | None = None, **changes: bytes) -> bytes:
    """Version 0.1: the map is a record."""
    told = parts.count(",") // 2 + 1 if count is None else count
    records = ((b"size", b"%d" % size), (b"numblocks", b"%d" % told), (b"map", parts.encode()))
    named = [(PREFIX + name, value) for name, value in records]
    return extended(*named) + entry(b"a", b"0", stored, **changes)


def in_content(size: int, lines: bytes, stored: bytes = b"") -> bytes:
    """Version 1.0: the map is the beginning of the content."""
    records = ((b"major", b"1"), (b"minor", b"0"), (b"name", b"a"), (b"realsize", b"%d" % size))
    named = [(PREFIX + name, value) for name, value in records]
    return extended(*named) + entry(b"x", b"0", lines + bytes(-len(lines) % 512) + stored)


def old(size: bytes, parts: bytes, stored: bytes, magic: bytes = GNU) -> bytes:
    return entry(b"a", b"S", stored, at257=magic, at345=bytes(155), at386=parts, at483=size)


def part(offset: int, length: int) -> bytes:
    return b"%011o\0%011o\0" % (offset, length)


def test_every_way_to_write_one_gives_the_same_file() -> None:
    expected = [("a", "0", b"\0\0abc\0\0\0\0\0")]
    pairs = extended(
        (PREFIX + b"size", b"10"),
        (PREFIX + b"numblocks", b"2"),
        *((PREFIX + name, value) for name, value in ((b"offset", b"2"), (b"numbytes", b"3"))),
        *((PREFIX + name, value) for name, value in ((b"offset", b"10"), (b"numbytes", b"0"))),
    )
    assert read(pairs + entry(b"a", b"0", b"abc")) == expected
    assert read(in_records(10, "2,3,10,0", b"abc")) == expected
    assert read(in_content(10, b"2\n2\n3\n10\n0\n", b"abc")) == expected
    assert read(old(b"%011o\0" % 10, part(2, 3) + part(10, 0), b"abc")) == expected


@pytest.mark.parametrize(
    "archive",
    [
        in_records(10, "2,3", b"ab"),
        in_records(10, "2,3", b"abcd"),
        in_records(4, "2,3", b"abc"),
        in_records(10, "4,2,2,2", b"abcd"),
        in_records(10, "2,3", b"abc", count=2),
        in_records(10, "2,3,5", b"abc"),
        in_records(10, "2,3", b"abc", at156=b"7", at257=GNU),
        in_records(10, "2,3", b"abc", at156=b"S"),
        extended((PREFIX + b"name", b"b")) + entry(b"a"),
        extended((PREFIX + b"major", b"0"), (PREFIX + b"size", b"0"), (PREFIX + b"map", b"0,0")) + entry(b"a"),
        extended((PREFIX + b"numbytes", b"1"), (PREFIX + b"offset", b"1")) + entry(b"a"),
        extended((PREFIX + b"offset", b"1,2")) + entry(b"a"),
        extended((PREFIX + b"offset", b"0"), (PREFIX + b"numbytes", b"0"), (PREFIX + b"map", b"0,0")) + entry(b"a"),
        extended((PREFIX + b"size", b"-1")) + entry(b"a"),
        in_content(10, b"-1\n"),
        in_content(10, b"1\n2\n"),
        in_content(10, b"1\n2\n99999999999999999999\n"),
        in_content(10, b"9" * 600 + b"\n"),
        in_content(10, b"1\n2\n4\n", b"abc"),
        in_content(10, b"99999999999\n" + b"0\n" * 250),
        old(b"%011o\0" % 10, part(2, 3), b"abc", magic=b"ustar\x0000"),
        old(b"\xff" * 12, part(2, 3), b"abc"),
        old(b"%011o\0" % 10, b"\x80" + b"\xff" * 11 + b"%011o\0" % 3, b"abc"),
        old(b"%011o\0" % 10, part(2, 3), b"ab"),
    ],
)
def test_a_map_that_does_not_fit_or_that_some_readers_do_not_see_is_unreadable(archive: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(archive + END)


@pytest.mark.parametrize("size", [DEFAULT.holes + 1, EXBIBYTES - 1, 10**18])
def test_a_small_layer_with_a_file_of_exbibytes_is_given_up_at_once(size: int) -> None:
    with pytest.raises(UnreadableError):
        read(in_records(size, f"{size},0", b""))


def test_the_zeros_of_all_sparse_files_count_together() -> None:
    limits = replace(DEFAULT, holes=14)
    seven = in_records(10, "2,3", b"abc")
    assert len(read(seven + seven, limits)) == 2
    with pytest.raises(UnreadableError, match="leave out more than 13 bytes"):
        read(seven + seven, replace(DEFAULT, holes=13))


def test_a_map_with_as_many_parts_as_are_read_and_with_one_more() -> None:
    limits = replace(DEFAULT, sparse_parts=5)
    assert read(in_records(10, ",".join(["0,0"] * 5), b""), limits) == [("a", "0", bytes(10))]
    assert read(in_content(10, b"5\n" + b"0\n0\n" * 5), limits) == [("a", "0", bytes(10))]
    for archive in (in_records(10, ",".join(["0,0"] * 6), b""), in_content(10, b"6\n" + b"0\n0\n" * 6)):
        with pytest.raises(UnreadableError, match="more than 5 parts"):
            read(archive, limits)


def test_a_map_of_many_empty_parts_is_read_in_one_pass() -> None:
    assert read(in_content(10, b"90000\n" + b"0\n0\n" * 90_000)) == [("a", "0", bytes(10))]
