"""The rows of docs/whiteouts.md, and a model that stacks layers in the most naive way."""

import io
import tarfile
from collections.abc import Mapping, Sequence
from time import process_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rebaser.layers.entry import Entry, Kind
from rebaser.layers.filesystem import FileSystem, add, stack
from rebaser.layers.index import LayerIndex, index_layer
from rebaser.layers.limits import UnreadableError
from rebaser.oci.digest import DiffId, digest_of
from tests.builders import AFile, FileInTar, a_layer, hard_link, symlink

Files = Mapping[str, FileInTar]
DIFF_ID = DiffId(digest_of(b""))


def index(files: Files) -> LayerIndex:
    layer = a_layer(files)
    return index_layer([layer.content], layer.diff_id)


def stacked(*layers: Files) -> FileSystem:
    return stack([index(files) for files in layers])


def leaves(files: FileSystem) -> list[str]:
    """Paths of what is not a directory."""
    return sorted(path for path, node in files.nodes.items() if node.entry.kind is not Kind.DIRECTORY)


def rules(files: FileSystem) -> list[str]:
    return [one.rule for one in files.divergences]


@pytest.mark.parametrize(
    ("row", "lower", "upper", "seen", "divergent"),
    [
        ("W1", {"a/x": "1", "a/z": "1"}, {"a/.wh.x": ""}, ["a/z"], []),
        ("W2", {"a/x": "1"}, {".wh.a": ""}, [], []),
        ("W3a", {"a/x": "1"}, {".wh.a": "", "a/": "", "a/y": "1"}, ["a/y"], []),
        ("W4", {"a/x": "1"}, {"a/": "", "a/.wh..wh..opq": "", "a/y": "1"}, ["a/y"], []),
        ("W4, other order", {"a/x": "1"}, {"a/": "", "a/y": "1", "a/.wh..wh..opq": ""}, ["a/y"], []),
        (
            "W5",
            {"t/keep": "1", "l": symlink("t")},
            {"l/": "", "l/.wh..wh..opq": "", "l/new": "1"},
            ["l/new", "t/keep"],
            [],
        ),
        ("W6", {"a": "1"}, {"a/": "", "a/x": "1"}, ["a/x"], []),
        ("W6b", {"a": "1"}, {"a/x": "1"}, ["a/x"], ["W6b"]),
        ("W7", {"a/x": "1"}, {"a": "1"}, ["a"], []),
        ("W7, link", {"a/x": "1"}, {"a": symlink("b")}, ["a"], []),
        ("W8", {"u/o": "1", "l": symlink("u")}, {"l/": "", "l/x": "1"}, ["l/x", "u/o"], []),
        ("W9", {"u/o": "1", "l": symlink("u")}, {"l/x": "1"}, ["l/x", "u/o"], ["W9"]),
        ("W9b", {"u/o": "1", "l": symlink("u")}, {"l/.wh.o": ""}, ["u/o"], ["W9b"]),
        ("W10", {"q": "1"}, {"a/.wh.x": ""}, ["q"], ["W10"]),
        ("W12", {"q": "1"}, {".wh..wh.plnk": ""}, ["q"], ["W12"]),
        ("W13", {"x": "1", "y": hard_link("x")}, {"y": "2"}, ["x", "y"], []),
        ("W14", {"y": "1"}, {"x": hard_link("y")}, ["x", "y"], ["W14"]),
        ("W14b", {}, {"x": hard_link("y")}, [], ["W14b"]),
        ("W16", {}, {"./a": "1", "/b": "1"}, ["a", "b"], []),
        ("W23", {"a/x": "1"}, {"a/": ""}, ["a/x"], []),
    ],
)
def test_a_row_of_the_table(row: str, lower: Files, upper: Files, seen: list[str], divergent: list[str]) -> None:
    files = stacked(lower, upper)
    assert leaves(files) == seen, row
    assert [rule for rule in rules(files) if rule != "W3a"] == divergent, row


def test_a_directory_made_anew_is_told_only_where_something_was_in_it() -> None:
    again: Files = {".wh.a": "", "a/": "", "a/y": "1"}
    assert rules(stacked({"a/x": "1"}, again)) == ["W3a"]
    assert rules(stacked({"b": "1"}, again)) == []
    assert [one.rule for one in index(again).oddities] == ["W3a"]


@pytest.mark.parametrize("name", [".wh.", "a/.wh.", ".wh...", "../up", "c/../d", ".wh.a/b", "a/" + "b" * 256])
def test_names_that_no_layer_may_have(name: str) -> None:
    with pytest.raises(UnreadableError):
        index({name: "1"})


def test_a_path_that_stands_twice_is_told() -> None:
    layer = index({"a": "1", "./a": "2"})
    assert [(one.rule, one.path) for one in layer.oddities] == [("W15", "a")]


def test_links_are_followed_as_a_program_follows_them() -> None:
    files = stacked(
        {
            "usr/lib/x/libx.so.1.2": "1",
            "usr/lib/x/libx.so.1": symlink("libx.so.1.2"),
            "lib": symlink("usr/lib"),
            "opt/up": symlink("../usr/lib/x"),
            "opt/absolute": symlink("/lib/x/../x"),
            "loop": symlink("loop"),
            "out": symlink("../../../usr"),
        }
    )
    for path in ("lib/x/libx.so.1", "opt/up/libx.so.1", "/opt/absolute/libx.so.1.2", "out/lib/x/libx.so.1"):
        assert files.real_path(path) == "usr/lib/x/libx.so.1.2"
    assert files.find("loop") is None
    assert files.find("usr/lib/x/libx.so.1/below") is None
    assert files.place("lib/x/new") == "usr/lib/x/new"
    assert files.names("lib") == ("x",)


def test_a_hard_link_shares_what_it_joins() -> None:
    files = stacked({"a": "content", "b": hard_link("a"), "c": hard_link("b")})
    a, b, c = (files.entry(path) for path in "abc")
    assert a is not None
    assert b is not None
    assert c is not None
    assert a.content == b.content == c.content != b""
    assert (b.kind, c.path) == (Kind.FILE, "c")


def test_layers_on_a_stack_are_layers_on_its_layers() -> None:
    lower, upper = index({"a/x": "1"}), index({"a/.wh.x": "", "a/y": "1"})
    base = stack([lower])
    whole = stack([lower, upper])
    assert add(base, [upper]).nodes == whole.nodes
    assert whole.nodes["a/y"].layer == 1
    assert leaves(base) == ["a/x"]


NAMES = st.sampled_from(["a", "b", "c"])
PLACES = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
LAYERS = st.dictionaries(PLACES, st.sampled_from(["file", "removed", "directory", "hidden"]), max_size=5)


def consistent(layer: Mapping[str, str]) -> bool:
    """Whether no path lies below one that the layer itself has as a file or removes."""
    solid = [path for path, what in layer.items() if what in ("file", "removed")]
    return not any(path.startswith(f"{other}/") for path in layer for other in solid)


def written(layer: Mapping[str, str]) -> dict[str, FileInTar]:
    files: dict[str, FileInTar] = {}
    for path, what in layer.items():
        directory, _, name = path.rpartition("/")
        if what == "removed":
            files[f"{directory}/.wh.{name}".lstrip("/")] = ""
        elif what == "file":
            files[path] = path
        else:
            files[f"{path}/"] = ""
            if what == "hidden":
                files[f"{path}/.wh..wh..opq"] = ""
    return files


def model(layers: Sequence[Mapping[str, str]]) -> set[str]:
    """All paths that are files, worked out with one set and no tree."""
    seen: dict[str, str] = {}
    for layer in layers:
        for path, what in layer.items():
            if what in ("removed", "hidden"):
                inner = {other for other in seen if other.startswith(f"{path}/")}
                gone = inner | ({path} if what == "removed" else set())
                seen = {other: kind for other, kind in seen.items() if other not in gone}
        for path, what in layer.items():
            if what == "removed":
                continue
            parts = path.split("/")
            for count in range(1, len(parts)):
                parent = "/".join(parts[:count])
                seen[parent] = "directory"
            if what == "file":
                seen = {other: kind for other, kind in seen.items() if not other.startswith(f"{path}/")}
            seen[path] = "file" if what == "file" else "directory"
    return {path for path, kind in seen.items() if kind == "file"}


@given(st.lists(LAYERS.filter(consistent), max_size=4))
def test_any_stack_is_what_a_naive_model_makes_of_it(layers: list[dict[str, str]]) -> None:
    files = stacked(*(written(layer) for layer in layers))
    assume(not set(rules(files)) - {"W3a", "W10"})  # where engines differ there is no one model
    assert set(leaves(files)) == model(layers)
    for path in files.nodes:
        assert not path or path.rpartition("/")[2] in files.children[path.rpartition("/")[0]]


@pytest.mark.parametrize(
    ("row", "lower", "upper", "seen", "divergent"),
    [
        ("W9c", {"q": "1"}, {"u/": "", "l": symlink("u"), "l/x": "1"}, ["l", "q", "u/x"], []),
        ("W9c, absolute", {"q": "1"}, {"u/": "", "l": symlink("/u"), "l/x": "1"}, ["l", "q", "u/x"], []),
        ("W9c, made on the way", {}, {"u/y": "1", "l": symlink("u"), "l/x": "1"}, ["l", "u/x", "u/y"], []),
        (
            "W9c, a link to a link",
            {},
            {"u/": "", "l": symlink("m"), "m": symlink("u"), "l/x": ""},
            ["l", "m", "u/x"],
            [],
        ),
        ("W9c, over a directory", {"l/o": "1"}, {"u/": "", "l": symlink("u"), "l/x": "1"}, ["l", "u/x"], []),
        ("W9c, whiteout", {"u/o": "1"}, {"u/": "", "l": symlink("u"), "l/.wh.o": ""}, ["l"], []),
        ("W9c, opaque", {"u/o": "1"}, {"u/": "", "l": symlink("u"), "l/.wh..wh..opq": ""}, ["l"], []),
        ("W9c, hard link", {}, {"d/x": "1", "l": symlink("d"), "b": hard_link("l/x")}, ["b", "d/x", "l"], []),
        ("W9c, the link comes later", {}, {"u/": "", "l/x": "1", "l": symlink("u")}, ["l"], []),
        ("W9d", {"u/o": "1"}, {"l": symlink("u"), "l/x": "1"}, ["l", "u/o", "u/x"], ["W9d"]),
        ("W6b", {}, {"a": "1", "a/b": "2"}, ["a/b"], ["W6b"]),
        ("W14, itself", {"h": "1"}, {"h": hard_link("h")}, ["h"], ["W14b"]),
        ("W14b, itself", {}, {"h": hard_link("h")}, [], ["W14b"]),
        ("W14b, comes later", {}, {"h": hard_link("t"), "t": "1"}, ["t"], ["W14b"]),
        ("W14, comes later", {"t": "0"}, {"h": hard_link("t"), "t": "1"}, ["h", "t"], ["W14"]),
        ("W14b, a directory", {}, {"a/": "", "b": hard_link("a")}, [], ["W14b"]),
        ("W14b, removed", {"t": "1"}, {".wh.t": "", "h": hard_link("t")}, [], ["W14b"]),
        ("W14b, a link below", {"l": symlink("d")}, {"d/x": "1", "b": hard_link("l/x")}, ["d/x", "l"], ["W14b"]),
        ("a link to a link", {}, {"a": symlink("q"), "b": hard_link("a")}, ["a", "b"], []),
        ("W12, any place", {"a/o": "1"}, {"a/.wh..wh.foo": ""}, ["a/o"], ["W12"]),
        ("names with it inside", {}, {"a.wh.b": "1", "x.wh./": ""}, ["a.wh.b"], []),
    ],
)
def test_what_a_layer_does_to_itself(
    row: str, lower: Files, upper: Files, seen: list[str], divergent: list[str]
) -> None:
    files = stacked(lower, upper)
    assert leaves(files) == seen, row
    assert rules(files) == divergent, row


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE])
def test_a_whiteout_removes_whatever_kind_of_entry_it_is(kind: bytes) -> None:
    mark = tarfile.TarInfo()
    mark.type, mark.linkname = kind, "x"
    assert leaves(stacked({"a": "1", "b": "1"}, {".wh.a": mark})) == ["b"]


@pytest.mark.parametrize("name", ["a/.wh..wh.foo/b", ".wh..wh.plnk/b", "a/.wh..wh..opq/b", ".wh.a/b", "l/x"])
def test_paths_that_engines_would_not_agree_on(name: str) -> None:
    with pytest.raises(UnreadableError):
        index({"l": symlink("l"), name: ""})


@pytest.mark.parametrize("root", [symlink("q"), hard_link("q"), "1"])
def test_a_root_that_is_no_directory_is_unreadable(root: FileInTar) -> None:
    with pytest.raises(UnreadableError, match="its root is a"):
        index({"q": "1", ".": root})


def test_the_root_may_have_an_entry() -> None:
    root = tarfile.TarInfo()
    root.type, root.mode, root.uid = tarfile.DIRTYPE, 0o700, 7
    entry = stacked({"a": "1"}, {"./": root}).entry("")
    assert entry is not None
    assert (entry.mode, entry.uid) == (0o700, 7)


def test_a_path_that_stands_twice_is_what_came_last() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("a/", "a/b", "a", "c"):
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE if name == "a/" else tarfile.REGTYPE
            tar.addfile(entry)
    files = stack([index_layer([buffer.getvalue()], DiffId(digest_of(buffer.getvalue())))])
    assert leaves(files) == ["a", "c"]
    assert rules(files) == ["W15"]


def test_a_directory_that_stands_twice_is_one_with_all_that_is_in_it() -> None:
    files = stacked({"a/": AFile("", 0o755), "a/x": "1", "./a/": AFile("", 0o755), "a/y": "2"})
    assert leaves(files) == ["a/x", "a/y"]
    assert rules(files) == ["W15"]


def test_a_hard_link_gives_its_mode_and_owner_to_all_names() -> None:
    link = hard_link("a")
    link.mode, link.uid = 0o4755, 7
    files = stacked({"a": "1", "b": link})
    assert [(node.entry.mode, node.entry.uid) for path, node in files.nodes.items() if path] == [(0o4755, 7)] * 2
    assert rules(files) == ["W14c", "W14c"]


def test_a_chain_of_a_thousand_hard_links_is_one_file() -> None:
    files: dict[str, FileInTar] = {"0": "content"}
    files.update((str(at), hard_link(str(at - 1))) for at in range(1, 1000))
    assert len({node.entry.content for path, node in stacked(files).nodes.items() if path}) == 1


DEEP = "/".join("d" * 2000)


def test_a_tree_of_two_thousand_levels_is_walked_and_removed() -> None:
    deep = LayerIndex(DIFF_ID, (Entry(f"{DEEP}/file", Kind.FILE),))
    files = stack([deep])
    assert sum(1 for _ in files.below("")) == 2001
    assert [entry.path for entry in files.below(DEEP)] == [f"{DEEP}/file"]
    above = LayerIndex(DIFF_ID, (), ("d",))
    assert list(add(files, [above]).nodes) == [""]


MANY = 60_000
LARGE: dict[str, tuple[LayerIndex, LayerIndex]] = {
    "files, all removed": (
        LayerIndex(DIFF_ID, tuple(Entry(f"a/{at}", Kind.FILE) for at in range(MANY))),
        LayerIndex(DIFF_ID, (), tuple(f"a/{at}" for at in range(MANY))),
    ),
    "nested opaque directories": (
        LayerIndex(DIFF_ID, tuple(Entry("/".join("d" * at), Kind.DIRECTORY) for at in range(1, 500))),
        LayerIndex(DIFF_ID, (), (), tuple("/".join("d" * at) for at in range(1, 500))),
    ),
    "hard links to one file": (
        LayerIndex(DIFF_ID, (Entry("a", Kind.FILE),)),
        LayerIndex(
            DIFF_ID,
            (Entry("b", Kind.FILE), *(Entry(f"l{at}", Kind.HARD_LINK, 0o600, link="b") for at in range(MANY))),
        ),
    ),
    "whiteouts of nothing": (
        LayerIndex(DIFF_ID, (Entry("a", Kind.FILE),)),
        LayerIndex(DIFF_ID, (), tuple(f"b{at}/x" for at in range(MANY))),
    ),
}


@pytest.mark.parametrize("what", LARGE)
def test_large_layers_take_time_as_they_are_large(what: str) -> None:
    began = process_time()
    stack(LARGE[what])
    assert process_time() - began < 20  # less than one; the square of it would be an hour
