"""Archives as tarfile writes them, and as nobody should."""

import hashlib
import io
import shutil
import subprocess
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.layers.stream import Stream
from rebaser.layers.tar import walk
from tests.layers.archives import entry, extended

Row = tuple[str, str, int, int, int, int, str, str]
NAMES = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda name: name not in (".", "..")
)
FORMS = st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)


def read(archive: bytes, piece: int = 1 << 16, limits: Limits = DEFAULT) -> list[Row]:
    """What ours makes of an archive that comes in pieces."""
    chunks = (archive[at : at + piece] for at in range(0, len(archive), piece))
    rows = []
    for member in walk(Stream(chunks), limits):
        digest = hashlib.sha256(b"".join(bytes(part) for part in member.content)).hexdigest()
        told = (
            member.path.rstrip("/"),
            member.kind,
            member.mode,
            member.uid,
            member.gid,
            member.size,
            member.link,
            digest,
        )
        rows.append(told)
    return rows


def theirs(archive: bytes) -> list[Row]:
    """What tarfile makes of it."""
    rows = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isreg() else None
            content = file.read() if file else b""
            kind = "0" if member.isreg() else member.type.decode()
            link = member.linkname if member.islnk() or member.issym() else ""
            digest = hashlib.sha256(content).hexdigest()
            rows.append((member.name, kind, member.mode, member.uid, member.gid, len(content), link, digest))
    return rows


def an_archive(members: list[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@st.composite
def members(draw: st.DrawFn) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(draw(PATHS))
    member.type = draw(st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE]))
    member.mode = draw(st.integers(0, 0o7777))
    member.uid, member.gid = draw(st.integers(0, 2**21 - 1)), draw(st.integers(0, 2**21 - 1))
    if member.type in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        member.linkname = draw(PATHS)
    return member, draw(st.binary(max_size=2000)) if member.type == tarfile.REGTYPE else b""


@given(st.lists(members(), max_size=6), FORMS, st.integers(1, 3000))
def test_what_tarfile_writes_is_read_as_tarfile_reads_it(
    listed: list[tuple[tarfile.TarInfo, bytes]], form: int, piece: int
) -> None:
    archive = an_archive(listed, form)
    assert read(archive, piece) == theirs(archive)


@given(st.binary(max_size=3000))
def test_bytes_of_any_kind_are_read_or_unreadable(content: bytes) -> None:
    with suppress(UnreadableError):
        read(content)


@given(
    st.integers(0, 1535), st.binary(min_size=1, max_size=8), st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
)
def test_an_archive_with_a_few_wrong_bytes_is_read_or_unreadable(at: int, wrong: bytes, form: int) -> None:
    member = tarfile.TarInfo("a/" + "b" * 120)
    archive = an_archive([(member, b"content")], form)
    with suppress(UnreadableError):
        read(archive[:at] + wrong + archive[at + len(wrong) :])


def test_a_name_that_is_not_utf_8_keeps_its_bytes() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT, encoding="latin-1") as tar:
        tar.addfile(tarfile.TarInfo("caf\xe9"))
    ((path, *_),) = read(buffer.getvalue())
    assert path.encode("utf-8", "surrogateescape") == b"caf\xe9"


def test_numbers_too_large_for_octal_digits() -> None:
    member = tarfile.TarInfo("a")
    member.uid = 3_000_000_000
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        assert read(an_archive([(member, b"x")], form))[0][3] == 3_000_000_000


def test_extended_attributes() -> None:
    member = tarfile.TarInfo("a")
    member.pax_headers = {"SCHILY.xattr.security.capability": "abc", "comment": "x"}
    archive = an_archive([(member, b"")])
    (found,) = walk(Stream([archive]), DEFAULT)
    assert found.xattrs == (("security.capability", b"abc"),)


@pytest.mark.skipif(shutil.which("tar") is None, reason="there is no GNU tar here")
@pytest.mark.parametrize("form", ["gnu", "0.0", "0.1", "1.0"])
def test_sparse_files_of_every_kind(form: str, tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        for at in (0, 200_000, 900_000, 3_000_000):
            file.seek(at)
            file.write(b"data at %d" % at)
        file.truncate(5_000_000)
    how = ["--format=gnu"] if form == "gnu" else ["--format=pax", f"--sparse-version={form}"]
    subprocess.run(("tar", "-c", "--sparse", *how, "-f", tmp_path / "x.tar", "-C", tmp_path, "sparse"), check=True)
    archive = (tmp_path / "x.tar").read_bytes()
    assert len(archive) < 1_000_000
    ((path, kind, *_, digest),) = read(archive)
    assert (path.rpartition("/")[2], kind) == ("sparse", "0")
    assert digest == hashlib.sha256((tmp_path / "sparse").read_bytes()).hexdigest()


def header(**changes: bytes) -> bytes:
    """A header of one file with some bytes of it changed, and its checksum right again."""
    block = bytearray(tarfile.TarInfo("a").tobuf()[:512])
    for place, content in changes.items():
        at = int(place.removeprefix("at"))
        block[at : at + len(content)] = content
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + bytes(1024)


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (b"x" * 512 + bytes(1024), "no tar archive"),
        (header(at156=b"V"), "unknown kind"),
        (header(at124=b"\xff" * 12), "negative"),
        (header(at124=b"-0000000512\0"), "a number that is none"),
        (header(at124=b"00000000010\0")[:512], "too early"),
        (header()[:512] + bytes(512) + header(), "zeros stands between"),
        (an_archive([])[:512] + b"x" * 512, "zeros stands between"),
    ],
)
def test_what_engines_would_not_agree_on_is_unreadable(archive: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        read(archive)


def test_a_global_header_that_sets_something_is_unreadable() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": "x"}) as tar:
        tar.addfile(tarfile.TarInfo("a"))
    with pytest.raises(UnreadableError, match="global header"):
        read(buffer.getvalue())


def test_a_comment_for_all_entries_is_read_over() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "x"}) as tar:
        tar.addfile(tarfile.TarInfo("a"))
    assert [row[0] for row in read(buffer.getvalue())] == ["a"]


def test_a_nul_in_a_long_name_is_unreadable() -> None:
    member = tarfile.TarInfo("a")
    member.pax_headers = {"path": "a\0b"}
    with pytest.raises(UnreadableError, match="NUL"):
        read(an_archive([(member, b"")]))


def test_more_entries_than_are_read() -> None:
    archive = an_archive([(tarfile.TarInfo(str(number)), b"") for number in range(4)])
    assert len(read(archive, limits=Limits(entries=4))) == 4
    with pytest.raises(UnreadableError, match="more than 3 entries"):
        read(archive, limits=Limits(entries=3))


def test_content_that_nobody_reads_is_passed_over() -> None:
    archive = an_archive([(tarfile.TarInfo("a"), b"x" * 5000), (tarfile.TarInfo("b"), b"y")])
    assert [member.path for member in walk(Stream([archive]), DEFAULT)] == ["a", "b"]


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (header(at136=b"00000000x00\0"), "a number that is none"),
        (header(at108=b"\0000017\0"), "a number that is none"),
        (header(at124=b"\x81" + bytes(11)), "only some readers"),
        (header(at124=b"\x80" + b"\xff" * 11), "only some readers"),
        (header(at136=b"\xff" + b"\x30" * 11), "only some readers"),
        (header(at108=b"\x80\0\0\0\xff\xff\xff\xff"), "an owner or group has the number 4294967295"),
        (header(at508=b"tar\0"), "as star does"),
        (header(at257=b"ustar  \0", at345=b"1"), "the beginning of its name"),
        (header(at257=bytes(8), at345=b"p"), "the beginning of its name"),
        (header(at0=bytes(100), at345=b"p"), "the beginning of a name alone"),
        (header(at156=b"3", at329=b"\x80\0\0\0\0\0\x10\0"), "no device 4096/0"),
        (header(at156=b"4", at257=bytes(8), at329=b"0000001\0"), "device's numbers"),
        (header(at156=b"5", at124=b"00000001000\0") + bytes(512), "no file has a size"),
        (header(at156=b"2"), "a link leads to nothing"),
        (header(at0=b"a/\0"), "a file to some readers and a directory to others"),
        (header(at0=b"a/\0", at156=b"7"), "a file to some readers and a directory to others"),
        (header(at0=b"a/\0", at156=b"\0", at124=b"00000001000\0") + bytes(512), "a file to some readers"),
    ],
)
def test_a_header_that_readers_take_in_two_ways_is_unreadable(archive: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        read(archive)


@pytest.mark.parametrize(
    ("archive", "kind"),
    [
        (header(at0=b"a/\0", at156=b"\0"), "5"),
        (header(at156=b"\0"), "0"),
        (header(at156=b"7"), "0"),
        (header(at136=b"\xff" * 12), "0"),
        (header(at100=b" 40755 \0", at156=b"5"), "5"),
        (header(at100=b"0100644\0"), "0"),
        (header(at156=b"1", at157=b"x", at124=b"00000001000\0"), "1"),
        (header(at108=b"\x80\0\0\0\xff\xff\xff\xfe"), "0"),
        (header(at156=b"3", at329=b"0007777\0" + b"\x80\0\0\0\0\x0f\xff\xff"), "3"),
    ],
)
def test_an_odd_header_that_all_readers_understand_is_read(archive: bytes, kind: str) -> None:
    ((path, found, mode, *_),) = read(archive)
    assert (path, found) == ("a", kind)
    assert mode in (0o644, 0o755)


LONG = entry(b"././@LongLink", b"L", b"long\0")


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (extended((b"path", b"b")) + extended((b"uid", b"7")) + entry(b"a"), "follow each other"),
        (LONG + LONG + entry(b"a"), "follow each other"),
        (extended((b"path", b"b")) + entry(b"g", b"g", b"14 comment=abc\n") + entry(b"a"), "follow each other"),
        (LONG + extended((b"path", b"b")) + entry(b"a"), "its path from two"),
        (entry(b"x", b"K", b"b\0") + extended((b"linkpath", b"c")) + entry(b"a", b"2"), "its linkpath from two"),
        (entry(b"x", b"L", b"\0") + entry(b"a"), "a long name is empty"),
        (entry(b"x", b"L", b"long")[:-1] + b"!" + entry(b"a"), "behind its end"),
        (extended((b"path", b"")) + entry(b"a"), "some tar readers cannot read"),
        (extended((b"size", b"")) + entry(b"a"), "some tar readers cannot read"),
        (extended((b"size", b"+1")) + entry(b"a"), "some tar readers cannot read"),
        (extended((b"uid", b"-1")) + entry(b"a"), "some tar readers cannot read"),
        (extended((b"uid", b"4294967295")) + entry(b"a"), "an owner or group has the number"),
        (extended((b"mtime", b"1e9")) + entry(b"a"), "some tar readers cannot read"),
        (extended((b"uname", b"a\0")) + entry(b"a"), "NUL"),
        (LONG, "no entry that it is for"),
    ],
)
def test_extended_headers_that_readers_apply_in_their_own_ways_are_unreadable(archive: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        read(archive)


def test_a_record_that_is_named_like_a_long_name_is_none() -> None:
    records = ((b"GNU.longname", b"evil"), (b"GNU.longlink", b"evil"), (b"LIBARCHIVE.path", b"evil"))
    assert read(extended(*records) + entry(b"a"))[0][0] == "a"
    with pytest.raises(UnreadableError, match="no name"):
        read(entry(b"x", b"x", b"14 =path=evil\n") + entry(b"a"))


def test_a_long_name_and_records_of_something_else_go_together() -> None:
    ((path, _, _, uid, *_),) = read(LONG + extended((b"uid", b"7"), (b"mtime", b"-1.5")) + entry(b"a"))
    assert (path, uid) == ("long", 7)


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_content_that_is_read_in_part_leaves_the_next_entry_in_its_place(taken: int) -> None:
    archive = an_archive([(tarfile.TarInfo("a"), b"x" * 5000), (tarfile.TarInfo("b"), b"y")])
    chunks = (archive[at : at + 700] for at in range(0, len(archive), 700))
    paths = []
    for member in walk(Stream(chunks), DEFAULT):
        paths.append(member.path)
        for _ in range(taken if member.path == "a" else 0):
            next(member.content)
    assert paths == ["a", "b"]
