"""Layers with members moved, left out and unjoined, read back by ours, tarfile and GNU tar."""

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from rebaser.layers.blocks import walk_blocks
from rebaser.layers.changes import Changes, Joined, changed
from rebaser.layers.entry import CONTENT, Entry, Kind
from rebaser.layers.index import LayerIndex, index_layer
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.layers.rewriting import rewritten
from rebaser.layers.stream import Stream
from rebaser.oci.digest import DiffId
from tests.builders import AFile, FileInTar, a_layer, a_tar, gzipped, hard_link, symlink, zstandard
from tests.layers.archives import BLOCK, END, entry, extended, record, summed
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
    links = tuple(f"{row.name}/" for row, _ in rows if row.issym() or row.islnk())
    assume(not any(row.name.startswith(links) or row.linkname.startswith(links) for row, _ in rows))
    archive = an_archive(rows, form)
    new = made(archive, Changes(), piece)
    assert archive.startswith(new)
    assert new.endswith(bytes(1024))
    assert not any(archive[len(new) :])


def test_what_lies_behind_a_link_of_the_layers_own_is_written_where_it_leads() -> None:
    archive = a_tar({"u/": "", "l": symlink("u"), "l/x": "1", "l/.wh.o": "", "h": hard_link("l/x")})
    changes = Changes({"u/x": "v/x"}, dropped=frozenset({"l"}))
    assert list(listed(made(archive, changes))) == ["u", "v/x", "u/.wh.o", "h"]
    assert list(listed(made(archive, Changes()))) == ["u", "l", "u/x", "u/.wh.o", "h"]
    assert listed(made(archive, changes))["h"].linkname == "v/x"


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


NAMES = st.sampled_from([b"a", b"b", b"c", "ä".encode(), b"n" * 95])
PATHS = st.builds(
    b"".join,
    st.tuples(
        st.sampled_from([b"lib/", b"lib/", b"opt/", b"./lib/", b"/opt/"]),
        st.lists(NAMES, min_size=1, max_size=2).map(b"/".join),
    ),
)
KINDS = st.sampled_from([b"0", b"\0", b"5", b"2", b"1", b"mark", b"opaque", b"record"])
TARGETS = st.sampled_from([b"a", b"../opt", b"/lib/b", b".", b"/opt/c/a", b"/lib"])


@st.composite
def rows(draw: st.DrawFn) -> bytes:
    """One entry of any kind, at its place in any of the ways in which a path can be written."""
    path, kind, target = draw(PATHS), draw(KINDS), draw(PATHS)
    above, _, name = path.rpartition(b"/")
    marks = {b"mark": above + b"/.wh." + name, b"opaque": path + b"/.wh..wh..opq", b"record": above + b"/.wh..wh.plnk"}
    full, flag = marks.get(kind, path + b"/" if kind == b"5" else path), b"0" if kind in marks else kind
    link = {b"1": target, b"2": draw(TARGETS)}.get(kind, b"")
    body = draw(st.sampled_from([b"", b"1", b"22" * 600])) if flag in b"\0" + b"0" else b""
    long = draw(st.sampled_from([b"x", b"L"])) if len(full) > 100 or len(link) > 100 else b""
    before = b""
    if long == b"x":
        before = extended((b"path", full), *([(b"linkpath", link)] if link else []))
    elif long:
        before = entry(b"././@LongLink", b"L", full + b"\0") + (entry(b"long", b"K", link + b"\0") if link else b"")
    return before + entry(full[:100], flag, body, at157=link[:100])


def changes_of(index: LayerIndex, moved: int, dropped: int, idle: int, joined: int) -> Changes:
    """Some of what can be done to a layer; each number says of which paths."""
    links = [entry.link for entry in index.entries if entry.kind is Kind.HARD_LINK]
    named = sorted({*(entry.path for entry in index.entries), *links, *index.whiteouts, *index.opaques} - {""})
    file = Joined(b"of old", 0o4750, 3_000_000_000, 8, (("user.e", b""),))
    return Changes(
        {path: f"usr/{path}" for at, path in enumerate(named) if moved >> at & 1},
        frozenset(entry.path for at, entry in enumerate(index.entries) if dropped >> at & 1),
        frozenset(path for at, path in enumerate(index.whiteouts) if idle >> at & 1),
        {
            entry.path: file
            for at, entry in enumerate(index.entries)
            if joined >> at & 1 and entry.kind is Kind.HARD_LINK
        },
    )


def holds(archive: bytes, told: tuple[int, int, int, int]) -> None:
    """What the reader refuses is not written anew; what is written anew has the index that was foretold."""
    try:
        before = index(archive)
    except UnreadableError:
        with pytest.raises(UnreadableError):
            made(archive, Changes())
        event("unreadable")
        return
    changes = changes_of(before, *told)
    files = {path: _as_entry(path, file) for path, file in changes.joined.items()}
    foretold = changed(before, changes, files)
    after = index(made(archive, changes))
    for part in ("entries", "whiteouts", "opaques", "oddities"):
        assert getattr(after, part) == getattr(foretold, part)


def _as_entry(path: str, file: Joined) -> Entry:
    content = hashlib.sha256(file.content).digest()[:CONTENT]
    return Entry(path, Kind.FILE, file.mode, file.uid, file.gid, 6, "", (0, 0), file.xattrs, content)


SOME = st.integers(0, 255)
CHANGES = st.tuples(SOME, st.one_of(st.just(0), SOME), SOME, SOME)


@given(st.lists(rows(), max_size=6).map(b"".join), CHANGES)
def test_the_index_that_is_foretold_is_that_of_the_new_bytes(archive: bytes, told: tuple[int, int, int, int]) -> None:
    holds(archive + END, told)


@given(
    st.lists(rows(), min_size=1, max_size=3).map(b"".join),
    CHANGES,
    st.integers(0, 4000),
    st.sampled_from([0, 100, 124, 148, 156, 157, 257, 329, 345, 512]),
    st.binary(min_size=1, max_size=4),
)
def test_a_damaged_layer_is_not_read_in_one_way_and_written_in_another(
    archive: bytes, told: tuple[int, int, int, int], block: int, at: int, wrong: bytes
) -> None:
    damaged = bytearray(archive)
    start = block * BLOCK % len(archive)
    damaged[start + at : start + at + len(wrong)] = wrong
    head = slice(start, start + BLOCK)
    if at != 148:
        damaged[head] = summed(damaged[head].ljust(BLOCK, b"\0"))
    holds(bytes(damaged) + END, told)


def test_a_new_place_behind_a_link_of_the_layers_own_is_refused() -> None:
    archive = a_tar({"usr/lib": symlink("/opt"), "lib/a": "1"})
    with pytest.raises(UnreadableError, match="'usr/lib/a' elsewhere"):
        made(archive, Changes({"lib/a": "usr/lib/a"}))


@pytest.mark.parametrize("flag", [b"\0", b"0", b"7"])
def test_a_file_whose_new_name_has_a_slash_where_the_header_ends_stays_a_file(flag: bytes) -> None:
    name = "usr/" + "n" * 95 + "/" + "m" * 20
    new = made(entry(b"lib/a", flag, b"1") + END, Changes({"lib/a": name}))
    assert [(row.path, row.kind) for row in index(new).entries] == [(name, Kind.FILE)]
    assert content(new, name) == b"1"


def test_a_directory_of_the_oldest_form_moves_as_a_directory() -> None:
    new = made(entry(b"lib/d/", b"\0") + END, Changes({"lib/d": LONG}))
    assert [(row.path, row.kind) for row in index(new).entries] == [(LONG, Kind.DIRECTORY)]
    assert listed(new)[LONG].isdir()


@pytest.mark.parametrize(
    ("limits", "place", "match"),
    [
        (Limits(path=60), "usr/lib/a" + "/n" * 30, "longer or deeper"),
        (Limits(depth=4, component=20), "usr/lib/a/b/c", "longer or deeper"),
        (Limits(names=14), "usr/lib/a/b/c/d", "names and attributes"),
        (Limits(implied=12), "usr/lib/a/b/c", "more directories"),
        (Limits(uncompressed=3000), "usr/lib/a", "more than 3000 bytes"),
    ],
)
def test_a_new_layer_that_no_reader_would_take_is_refused(limits: Limits, place: str, match: str) -> None:
    archive = entry(b"lib/a", b"0", bytes(2000)) + (b"" if limits.uncompressed == 3000 else END)
    assert b"".join(rewritten([archive], Changes(), replace(limits, uncompressed=5000)))
    with pytest.raises(UnreadableError, match=match):
        made(archive, Changes({"lib/a": place}), limits=limits)


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
