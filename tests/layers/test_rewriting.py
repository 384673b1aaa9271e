"""Layers with members moved, left out and unjoined, read back by ours, tarfile and GNU tar."""

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.layers.blocks import walk_blocks
from rebaser.layers.changes import Changes, Joined, changed
from rebaser.layers.index import LayerIndex, index_layer
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.layers.rewriting import rewritten
from rebaser.layers.stream import Stream
from rebaser.oci.digest import DiffId
from tests.builders import AFile, FileInTar, a_layer, a_tar, gzipped, hard_link, symlink, zstandard
from tests.layers.archives import entry, record
from tests.layers.test_tar import FORMS, an_archive, members

LONG = "usr/lib/" + "d" * 200


def made(archive: bytes, changes: Changes, piece: int = 1 << 16, limits: Limits = DEFAULT) -> bytes:
    chunks = (archive[at : at + piece] for at in range(0, len(archive), piece))
    return b"".join(rewritten(chunks, changes, limits))


def index(archive: bytes) -> LayerIndex:
    return index_layer([archive], DiffId("sha256:" + hashlib.sha256(archive).hexdigest()))


def listed(archive: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: member for member in tar}


def content(archive: bytes, path: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        file = tar.extractfile(path)
        assert file is not None
        return file.read()


def an_old_layer(files: Mapping[str, FileInTar], form: int) -> bytes:
    """As `a_tar`, with owners' names and in any form."""
    with tarfile.open(fileobj=io.BytesIO(a_tar(files))) as given:
        rows = []
        for member in given:
            file = given.extractfile(member) if member.isreg() else None
            member.uname, member.gname, member.mtime = "owner", "group", 1_600_000_000
            rows.append((member, file.read() if file else b""))
    return an_archive(rows, form)


@given(st.lists(members(), max_size=6), FORMS, st.integers(1, 3000))
def test_a_layer_of_which_nothing_changes_keeps_every_byte(
    rows: list[tuple[tarfile.TarInfo, bytes]], form: int, piece: int
) -> None:
    archive = an_archive(rows, form)
    new = made(archive, Changes(), piece)
    assert archive.startswith(new)
    assert new.endswith(bytes(1024))
    assert not any(archive[len(new) :])


@pytest.mark.parametrize("packed", [bytes, gzipped, zstandard])
def test_a_layer_comes_out_uncompressed_however_it_was_packed(packed: type[bytes]) -> None:
    archive = a_tar({"lib/a": "1", "b": "2"})
    assert made(packed(archive), Changes({"lib/a": "usr/lib/a"}), 7) == a_tar({"usr/lib/a": "1", "b": "2"})[:3072]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_file_that_moves_keeps_times_and_the_names_of_its_owners(form: int) -> None:
    archive = an_old_layer({"lib/": "", "lib/a": AFile("content", 0o4755, 7, 8), "b": "kept"}, form)
    new = made(archive, Changes({"lib/a": "usr/lib/a"}, dropped=frozenset({"lib"})))
    assert list(listed(new)) == ["usr/lib/a", "b"]
    moved = listed(new)["usr/lib/a"]
    assert (moved.mode, moved.uid, moved.gid, moved.uname, moved.gname) == (0o4755, 7, 8, "owner", "group")
    assert moved.mtime == 1_600_000_000
    assert content(new, "usr/lib/a") == b"content"


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["usr/lib/a", LONG + "/a", "usr/lib/ä", "usr/lib/" + "n" * 92, "usr/lib/" + "n" * 93])
def test_a_file_moves_to_a_name_of_any_length(form: int, name: str) -> None:
    for old in ("lib/a", "lib/" + "o" * 150, "lib/ö"):
        archive = an_old_layer({old: AFile("1", xattrs={"user.x": "y"} if form == tarfile.PAX_FORMAT else {})}, form)
        new = made(archive, Changes({old: name}))
        assert list(listed(new)) == [name]
        assert index(new).entries == (index(archive).entries[0]._replace(path=name),)


def test_a_name_that_is_not_utf_8_moves_with_its_bytes() -> None:
    for name in ("caf\udce9", "caf\udce9" + "e" * 120):
        with io.BytesIO() as buffer:
            with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT, errors="surrogateescape") as tar:
                tar.addfile(tarfile.TarInfo(f"lib/{name}"))
            archive = buffer.getvalue()
        new = made(archive, Changes({f"lib/{name}": f"usr/lib/{name}"}))
        assert index(new).entries[0].path == f"usr/lib/{name}"
        assert list(listed(new)) == [f"usr/lib/{name}"]


def test_the_way_in_which_paths_are_written_stays() -> None:
    archive = a_tar({"./lib/": "", "./lib/d/": "", "./lib/d/a": "1"})
    new = made(archive, Changes({"lib/d": "usr/lib/d", "lib/d/a": "usr/lib/d/a"}, dropped=frozenset({"lib"})))
    assert [row.member.path for row in walk_blocks(Stream([new]), DEFAULT)] == ["./usr/lib/d/", "./usr/lib/d/a"]


def test_hard_links_join_a_file_where_it_is_now() -> None:
    archive = a_tar({"lib/a": "1", "opt/b": hard_link("lib/a"), "lib/c": hard_link("lib/a"), "d": symlink("lib/a")})
    new = made(archive, Changes({"lib/a": LONG + "/a", "lib/c": "usr/lib/c"}))
    assert {name: member.linkname for name, member in listed(new).items()} == {
        LONG + "/a": "",
        "opt/b": LONG + "/a",
        "usr/lib/c": LONG + "/a",
        "d": "lib/a",
    }
    assert content(new, "opt/b") == b"1"


def test_whiteouts_move_with_what_they_remove_and_idle_ones_go() -> None:
    archive = a_tar({"lib/.wh.a": "", "lib/d/": "", "lib/d/.wh..wh..opq": "", "q/.wh.x": "", "q/x": "1", ".wh.z": ""})
    changes = Changes(
        {"lib/a": "usr/lib/a", "lib/d": "usr/lib/d"},
        idle=frozenset({"q/x"}),
    )
    assert list(listed(made(archive, changes))) == [
        "usr/lib/.wh.a",
        "usr/lib/d",
        "usr/lib/d/.wh..wh..opq",
        "q/x",
        ".wh.z",
    ]


def test_a_hard_link_becomes_the_file_that_it_joined() -> None:
    archive = an_old_layer({"lib/x": hard_link("etc/y"), "z": hard_link("lib/x")}, tarfile.PAX_FORMAT)
    file = Joined(b"what y held", 0o4750, 3_000_000_000, 8, (("security.capability", b"\0\xff=\n"), ("user.e", b"")))
    new = made(archive, Changes({"lib/x": "usr/lib/x"}, joined={"lib/x": file}))
    x = listed(new)["usr/lib/x"]
    assert (x.isreg(), x.mode, x.uid, x.gid, x.mtime) == (True, 0o4750, 3_000_000_000, 8, 1_600_000_000)
    assert content(new, "z") == b"what y held"
    assert index(new).entries[0].xattrs == file.xattrs


@pytest.mark.skipif(shutil.which("tar") is None, reason="there is no GNU tar here")
@pytest.mark.parametrize("form", ["gnu", "0.0", "0.1", "1.0"])
@pytest.mark.parametrize("name", ["usr/lib/sparse", LONG + "/sparse"])
def test_a_sparse_file_moves_with_its_map(form: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    with (tmp_path / "lib/sparse").open("wb") as file:
        for at in (0, 200_000, 900_000, 3_000_000, 4_000_000, 5_000_000):
            file.seek(at)
            file.write(b"data at %d" % at)
        file.truncate(6_000_000)
    how = ["--format=gnu"] if form == "gnu" else ["--format=pax", f"--sparse-version={form}"]
    (tmp_path / "after").write_text("kept")
    made_of = ("lib/sparse", "after")
    subprocess.run(("tar", "-c", "--sparse", *how, "-f", tmp_path / "x.tar", "-C", tmp_path, *made_of), check=True)
    archive = (tmp_path / "x.tar").read_bytes()
    new = made(archive, Changes({"lib/sparse": name}), 1000)
    assert len(new) < 1_000_000
    assert index(new).entries[0] == index(archive).entries[0]._replace(path=name)
    (tmp_path / "new.tar").write_bytes(new)
    (tmp_path / "out").mkdir()
    subprocess.run(("tar", "-x", "-f", tmp_path / "new.tar", "-C", tmp_path / "out"), check=True)
    assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "lib/sparse").read_bytes()
    assert (tmp_path / "out/after").read_text() == "kept"


@pytest.mark.skipif(shutil.which("tar") is None, reason="there is no GNU tar here")
def test_gnu_tar_reads_the_new_layer(tmp_path: Path) -> None:
    archive = a_tar({"lib/": "", "lib/a": "1", "lib/ä": "2", "lib/.wh.gone": "", "b": hard_link("lib/a"), "c": "3"})
    moved = {"lib/a": LONG + "/a", "lib/ä": "usr/lib/ä", "lib/gone": "usr/lib/gone"}
    (tmp_path / "new.tar").write_bytes(made(archive, Changes(moved, dropped=frozenset({"lib"}))))
    told = subprocess.run(
        ("tar", "-t", "--quoting-style=literal", "-f", tmp_path / "new.tar"), check=True, capture_output=True
    )
    assert told.stderr == b""
    assert told.stdout.decode().splitlines() == [LONG + "/a", "usr/lib/ä", "usr/lib/.wh.gone", "b", "c"]


NAMES = st.sampled_from(["a", "b", "c", "ä", "n" * 95])
PATHS = st.lists(NAMES, min_size=1, max_size=2).map(lambda names: "lib/" + "/".join(names))
FILES = st.dictionaries(
    PATHS,
    st.one_of(
        st.sampled_from(["", "1", "22" * 600]),
        st.builds(symlink, st.sampled_from(["a", "../b"])),
        st.builds(hard_link, PATHS),
    ),
    max_size=6,
)


@given(FILES, st.sets(PATHS), st.sets(PATHS), FORMS)
def test_the_index_that_is_foretold_is_that_of_the_new_bytes(
    files: dict[str, FileInTar], dropped: set[str], removed: set[str], form: int
) -> None:
    marks: dict[str, FileInTar] = {"/.wh.".join(path.rsplit("/", 1)): "" for path in removed}
    archive = an_old_layer({**marks, **files}, form)
    before = index(archive)
    paths = {entry.path for entry in before.entries} | removed | {entry.link for entry in before.entries}
    changes = Changes(
        {path: f"usr/{path}" for path in paths if path.startswith("lib/")},
        frozenset(dropped),
        frozenset(path for path in removed if path.endswith("a")),
    )
    after = index(made(archive, changes))
    foretold = changed(before, changes, {})
    assert (after.entries, after.whiteouts, after.opaques, after.oddities) == (
        foretold.entries,
        foretold.whiteouts,
        foretold.opaques,
        foretold.oddities,
    )


def test_headers_that_are_too_many_to_be_kept_are_unreadable() -> None:
    archive = entry(b"pax", b"g", record(b"comment", b"c")) * 20 + a_tar({"a": "1"})
    with pytest.raises(UnreadableError, match="headers of one entry"):
        made(archive, Changes(), limits=Limits(pax=2048))


def test_a_layer_that_is_cut_short_is_unreadable() -> None:
    layer = a_layer({"lib/a": "1" * 5000}, compression="plain")
    with pytest.raises(UnreadableError, match="too early"):
        made(layer.content[:2000], Changes({"lib/a": "usr/lib/a"}))


@given(st.integers(0, 3071), st.binary(min_size=1, max_size=8), FORMS)
def test_a_layer_with_a_few_wrong_bytes_is_written_anew_or_unreadable(at: int, wrong: bytes, form: int) -> None:
    archive = an_old_layer({"lib/" + "b" * 120: "content", "lib/x": hard_link("y")}, form)
    changes = Changes({"lib/x": "usr/lib/x"}, joined={"lib/x": Joined(b"1", 0o644, 0, 0)})
    with suppress(UnreadableError):
        index(made(archive[:at] + wrong + archive[at + len(wrong) :], changes))
