"""What is written is read back: by our own index, by Python's tarfile and by GNU tar."""

import io
import shutil
import subprocess
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.layers import whiteout as marks
from rebaser.layers.entry import Entry, Kind
from rebaser.layers.index import LayerIndex, index_layer
from rebaser.layers.writing import END, whiteout, written
from rebaser.oci.digest import DiffId, digest_of

LONG = "d/" + "x" * 200
LARGE = 0o10000000  # one more than seven octal digits hold


def indexed(archive: bytes) -> LayerIndex:
    return index_layer([archive], DiffId(digest_of(archive)))


def read_back(entry: Entry, content: bytes = b"") -> Entry:
    (found,) = indexed(written(entry, content) + END).entries
    return found._replace(content=b"", body=None, facts=None)


names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda name: name not in {".", ".."} and not name.startswith(".wh.")
)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
ids = st.integers(0, (1 << 32) - 2)  # the last one means nobody


@given(paths, st.integers(0, 0o7777), ids, ids, st.binary(max_size=1100))
def test_a_file_has_the_path_mode_owner_and_content_that_it_was_given(
    path: str, mode: int, uid: int, gid: int, content: bytes
) -> None:
    entry = Entry(path, Kind.FILE, mode, uid, gid, len(content))
    assert read_back(entry, content) == entry


@pytest.mark.parametrize(
    "entry",
    [
        Entry("d", Kind.DIRECTORY, 0o1777),
        Entry(LONG, Kind.DIRECTORY, 0o755),
        Entry("l", Kind.SYMLINK, 0o777, link="/" + "y" * 300),
        Entry("l", Kind.SYMLINK, 0o777, link="short"),
        Entry("f\udcff", Kind.FILE, 0o4755),
        Entry(LONG, Kind.FILE, 0o644, LARGE, LARGE + 1),
        Entry("f", Kind.FILE, 0o755, xattrs=(("security.capability", b"\x01\0=\n\xff"), ("user.a", b""))),
    ],
)
def test_what_a_header_has_no_place_for_stands_in_pax_records(entry: Entry) -> None:
    assert read_back(entry) == entry


@pytest.mark.parametrize("length", [80, 99, 100, 101, 990, 991, 992, 993, 994, 995, 996])
def test_a_record_tells_its_own_length_where_that_gets_a_digit_more(length: int) -> None:
    path = "/".join("x" * min(200, length - at) for at in range(0, length, 201))
    with tarfile.open(fileobj=io.BytesIO(written(Entry(path, Kind.FILE)) + END)) as tar:
        assert tar.getnames() == [path]


@pytest.mark.skipif(shutil.which("tar") is None, reason="there is no tar here")
def test_gnu_tar_reads_it_as_we_do() -> None:
    members = [
        written(Entry("d", Kind.DIRECTORY, 0o750, 1, 2), modified=5),
        written(Entry("d/f", Kind.FILE, 0o640, LARGE, 2), b"12345", 86_400),
        written(Entry("d/l", Kind.SYMLINK, 0o777, link="f")),
        whiteout("d/gone"),
    ]
    archive = b"".join(members) + END
    run = subprocess.run(
        ["tar", "--utc", "--numeric-owner", "-tvf", "-"], input=archive, capture_output=True, check=True
    )
    assert [line.split() for line in run.stdout.decode().splitlines()] == [
        ["drwxr-x---", "1/2", "0", "1970-01-01", "00:00", "d/"],
        ["-rw-r-----", "2097152/2", "5", "1970-01-02", "00:00", "d/f"],
        ["lrwxrwxrwx", "0/0", "0", "1970-01-01", "00:00", "d/l", "->", "f"],
        ["----------", "0/0", "0", "1970-01-01", "00:00", "d/.wh.gone"],
    ]


def test_the_same_is_written_in_the_same_bytes() -> None:
    swapped = (("user.b", b"2"), ("user.a", b"1"))
    one, other = (Entry("f", Kind.FILE, xattrs=attributes) for attributes in (swapped, swapped[::-1]))
    assert written(one, b"x", 7) == written(other, b"x", 7)


@pytest.mark.parametrize("path", ["gone", "d/gone", LONG])
def test_a_whiteout_removes_the_path(path: str) -> None:
    assert indexed(whiteout(path) + END).whiteouts == (path,)


def test_a_whiteout_is_read_as_it_is_named() -> None:
    with tarfile.open(fileobj=io.BytesIO(whiteout("d/gone") + END)) as tar:
        assert marks.read(tar.getnames()[0]) == marks.Whiteout(marks.Mark.REMOVED, "d/gone")


@pytest.mark.parametrize("modified", [-1, 0, 0o77777777777])
def test_times_before_1970_are_1970_and_the_last_that_a_header_holds_is_held(modified: int) -> None:
    with tarfile.open(fileobj=io.BytesIO(written(Entry("f", Kind.FILE), b"", modified) + END)) as tar:
        assert tar.getmembers()[0].mtime == max(modified, 0)


@pytest.mark.parametrize("kind", [Kind.HARD_LINK, Kind.CHARACTER, Kind.BLOCK, Kind.FIFO])
def test_devices_pipes_and_hard_links_are_never_written(kind: Kind) -> None:
    with pytest.raises(KeyError):
        written(Entry("x", kind))
