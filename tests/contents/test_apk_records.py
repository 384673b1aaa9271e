from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.apk_records import digest, meaning, records
from rebaser.contents.malformed import MalformedError

BUSYBOX = b"""\
C:Q1Meo+LHGPSi3uY9gIouEVb9z8Fbo=
P:busybox
V:1.36.1-r5
A:x86_64
S:509600
I:962560
T:Size optimized toolbox of many common UNIX utilities
U:https://busybox.net/
L:GPL-2.0-only
o:busybox
m:Somebody <somebody@example.org>
t:1700000000
c:0123456789012345678901234567890123456789
D:so:libc.musl-x86_64.so.1
p:/bin/sh cmd:busybox=1.36.1-r5
r:busybox-initscripts
F:bin
R:busybox
a:0:0:755
Z:Q1aBaBaBaBaBaBaBaBaBaBaBaBaBaA=
F:etc
R:securetty
Z:Q1bBaBaBaBaBaBaBaBaBaBaBaBaBaA=
F:tmp
M:0:0:1777
F:var

"""
VIRTUAL = b"C:Q1EbEbEbEbEbEbEbEbEbEbEbEbEbE=\nP:.build-deps\nV:20240101.120000\nA:noarch\nS:0\nI:0\nT:\nU:\nL:\n\n"
APKO = b"""\
P:busybox
V:1.36.1-r5
A:x86_64
L:GPL-2.0-only
T:Size optimized toolbox of many common UNIX utilities
o:busybox
m:Somebody <somebody@example.org>
U:https://busybox.net/
D:so:libc.musl-x86_64.so.1
p:/bin/sh cmd:busybox=1.36.1-r5
r:busybox-initscripts
c:0123456789012345678901234567890123456789
i:[]
t:1700000000
S:509600
I:962560
k:0
C:Q1Meo+LHGPSi3uY9gIouEVb9z8Fbo=
F:bin
R:busybox
a:0:0:0755
Z:Q1aBaBaBaBaBaBaBaBaBaBaBaBaBaA=
F:var
F:tmp
M:0:0:1777
F:etc
R:securetty
Z:Q1bBaBaBaBaBaBaBaBaBaBaBaBaBaA=
"""


def test_a_package_owns_the_files_and_directories_that_its_record_lists() -> None:
    busybox, virtual = records(BUSYBOX + VIRTUAL)
    assert (busybox.name, busybox.version) == ("busybox", "1.36.1-r5")
    assert busybox.checksum == "Q1Meo+LHGPSi3uY9gIouEVb9z8Fbo="
    assert busybox.directories == ("bin", "etc", "tmp", "var")
    assert busybox.files == ("bin/busybox", "etc/securetty")
    assert (virtual.name, virtual.directories, virtual.files) == (".build-deps", (), ())


def test_files_of_the_top_directory_have_no_slash_before_them() -> None:
    (record,) = records(b"P:a\nF:\nR:init\n\n")
    assert (record.directories, record.files) == (("",), ("init",))


def test_what_apk_wrote_is_the_records_one_after_the_other() -> None:
    assert b"".join(record.text for record in records(BUSYBOX + VIRTUAL)) == BUSYBOX + VIRTUAL


def test_a_record_without_its_end_gets_one_and_more_blank_lines_are_dropped() -> None:
    (record,) = records(b"\n\nP:a\nV:1")
    assert record.text == b"P:a\nV:1\n\n"


def test_what_apko_wrote_means_what_apk_would_have_written() -> None:
    (one,), (other,) = records(BUSYBOX), records(APKO)
    assert one.text != other.text
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"V:1.36.1-r5", b"V:1.36.1-r6"),
        (b"a:0:0:755", b"a:0:0:4755"),
        (b"R:securetty", b"R:secure"),
        (b"Q1aB", b"Q1cB"),
        (b"M:0:0:1777\n", b""),
        (b"F:var\n", b""),
        (b"r:busybox-initscripts\n", b""),
        (b"\nF:bin", b"\nf:s\nF:bin"),
    ],
)
def test_a_record_that_says_something_else_means_something_else(before: bytes, after: bytes) -> None:
    (one,), (other,) = records(BUSYBOX), records(BUSYBOX.replace(before, after))
    assert meaning(one) != meaning(other)


def test_a_checksum_is_one_in_base64_and_in_hexadecimal() -> None:
    assert digest("Q1Lh/p2YdpFByjjLNq7u8fD0w0Mno=") == "2e1fe9d98769141ca38cb36aeeef1f0f4c34327a"
    assert digest("X12e1fe9d98769141ca38cb36aeeef1f0f4c34327a") == "2e1fe9d98769141ca38cb36aeeef1f0f4c34327a"


@pytest.mark.parametrize("checksum", ["", "Q1", "Q1%%%", "X1zz", "X1é", "Q1\udcff", "Q2Lh/p2Q=", "md5"])
def test_what_is_no_checksum_is_none(checksum: str) -> None:
    assert digest(checksum) == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"V:1\n\n", "does not have one name"),
        (b"P:\n\n", "does not have one name"),
        (b"P:a\nP:b\n\n", "does not have one name"),
        (b"P:a\n\nP:a\n\n", "has a twice"),
        (b"P:a\nno field\n\n", "no field"),
        (b"P:a\nx\n\n", "no field"),
        (b"P:a\nZ:Q1\n\n", "has nothing that it is of"),
        (b"P:a\nF:etc\na:0:0:755\n\n", "has nothing that it is of"),
        (b"P:a\nF:etc\nR:a\nM:0:0:755\n\n", "has nothing that it is of"),
        (b"P:a\nR:a\n\n", "is in no directory"),
        (b"\n" * 1_000_001, "1000001 lines"),
        (bytes((64 << 20) + 1), "67108865 bytes"),
    ],
)
def test_what_is_no_database_is_malformed(body: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        records(body)


@given(
    st.lists(st.sampled_from([b"P:", b"P:a", b"V:1", b"F:", b"F:a", b"R:b", b"M:", b"a:0:0:", b"Z:\xff", b"", b"x"]))
)
def test_lines_of_any_kind_are_read_or_malformed(lines: list[bytes]) -> None:
    with suppress(MalformedError):
        for record in records(b"\n".join(lines)):
            meaning(record)
