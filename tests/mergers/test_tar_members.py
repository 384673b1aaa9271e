import io
import tarfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.tar_members import archive, members

LONG = "d/" * 60 + "a-name-that-no-header-holds"


def packed(*names: str, how: int = tarfile.GNU_FORMAT, end: bool = True) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=how) as written:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = len(name)
            written.addfile(entry, io.BytesIO(name.encode()))
        size = written.offset
    return out.getvalue()[: size + (1024 if end else 0)]


@pytest.mark.parametrize("how", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_members_have_the_names_and_bytes_that_tar_gave_them(how: int) -> None:
    body = packed("a", "b" * 99, LONG, "last", how=how)
    found = members(body)
    assert [member.name.decode() for member in found] == ["a", "b" * 99, LONG, "last"]
    assert [member.content.decode() for member in found] == ["a", "b" * 99, LONG, "last"]
    assert archive([member.raw for member in found]) == body


def test_an_archive_without_an_end_and_one_with_more_of_it_are_the_same() -> None:
    assert members(packed("a", end=False)) == members(packed("a") + bytes(10_240)) == members(packed("a"))
    assert members(b"") == members(bytes(1024)) == ()


@pytest.mark.parametrize("size", [1, 100, 511, 513, 1024 + 1, 2 * 512 + 511])
def test_an_archive_cut_short_is_malformed(size: int) -> None:
    with pytest.raises(MalformedError):
        members(packed(LONG)[:size])


def changed(at: int, to: bytes) -> bytes:
    return with_sum(packed("a")[:at] + to + packed("a")[at + len(to) :])


def with_sum(body: bytes) -> bytes:
    header = body[:148] + b" " * 8 + body[156:512]
    return header[:148] + b"%06o\0 " % sum(header) + header[156:] + body[512:]


def pax(record: bytes) -> bytes:
    header = changed(124, b"%011o\0" % len(record))[:156] + b"x" + packed("a")[157:512]
    return with_sum(header) + record.ljust(-(-len(record) // 512) * 512, b"\0") + packed("a")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"x" * 512, "a header that is none"),
        (packed("a").replace(b"\0a", b"\0b")[:500], "a header that is none"),
        (b"b" + packed("a")[1:], "wrong checksum"),
        (changed(124, b"0000000000x\0"), "a number that is none"),
        (changed(124, b"\x80" + bytes(10) + b"\1"), "a number that is none"),
        (changed(124, b"77777777777\0"), "cut short"),
        (changed(156, b"g"), "unknown kind"),
        (changed(156, b"S"), "unknown kind"),
        (changed(156, b"5"), "has no content has a size"),
        (changed(156, b"L"), "what is no member"),
        (changed(156, b"x"), "not made of records"),
        (packed("a", end=False) + bytes(512) + packed("b"), "what is no member"),
        (packed("a") + b"\0", "what is no member"),
        (packed(LONG)[:1024] + packed(LONG), "two long names"),
        (packed("a" * 4097), "a name of 4097 bytes"),
        (pax(b"11 size=99\n"), "changes what a member is"),
        (pax(b"14 linkpath=b\n"), "changes what a member is"),
        (pax(b"22 GNU.sparse.size=10\n"), "changes what a member is"),
        (pax(b"99 path=b\n"), "not made of records"),
        (pax(b"1 path=b\n"), "not made of records"),
        (pax(b"9999999999 path=b\n"), "not made of records"),
        (bytes((64 << 20) + 1), "67108865 bytes"),
    ],
)
def test_what_readers_would_not_agree_about_is_malformed(body: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        members(body)


@given(st.integers(0, 2559), st.integers(0, 255))
def test_a_byte_of_any_kind_anywhere_is_read_or_malformed(at: int, to: int) -> None:
    body = bytearray(packed("a", LONG))
    body[at] = to
    with suppress(MalformedError):
        members(bytes(body))


def test_sixty_thousand_members_are_read_in_seconds() -> None:
    assert len(members(packed("a", end=False) * 60_000)) == 60_000
