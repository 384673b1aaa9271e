"""Applications of a base with /lib and /bin on one where those are links into /usr; hard links that lost their file."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from rebaser.layers.changes import Changes
from rebaser.layers.entry import Kind
from rebaser.layers.filesystem import FileSystem, add, stack
from rebaser.layers.index import LayerIndex, index_layer
from rebaser.layers.limits import UnreadableError
from rebaser.layers.rewriting import rewritten
from rebaser.oci.digest import DiffId, digest_of
from rebaser.plan import unjoined
from rebaser.plan.rewriting import Rewriting, completed, rewriting
from tests.builders import AFile, FileInTar, a_layer, hard_link, symlink

Files = Mapping[str, FileInTar]
RULES = ("W9", "W9b", "W5b", "W6b", "W10", "W14", "W14b")
LIBRARIES = "lib/x86_64-linux-gnu"

BULLSEYE: Files = {
    "bin/": "",
    "bin/sh": "dash 0.5.11",
    "lib/": "",
    f"{LIBRARIES}/": "",
    f"{LIBRARIES}/libc.so.6": "glibc 2.31",
    f"{LIBRARIES}/libold.so.1": "of bullseye alone",
    "usr/": "",
    "usr/bin/": "",
    "usr/lib/": "",
    f"usr/{LIBRARIES}/": "",
    "var/": "",
    "var/run/": "",
}
BOOKWORM: Files = {
    "bin": symlink("usr/bin"),
    "lib": symlink("usr/lib"),
    "run/": "",
    "usr/": "",
    "usr/bin/": "",
    "usr/bin/sh": "dash 0.5.12",
    "usr/lib/": "",
    f"usr/{LIBRARIES}/": "",
    f"usr/{LIBRARIES}/libc.so.6": "glibc 2.36",
    "var/": "",
    "var/run": symlink("/run"),
}


def index(files: Files) -> LayerIndex:
    layer = a_layer(files)
    return index_layer([layer.content], layer.diff_id)


def plan(app: Sequence[Files], old: Files = BULLSEYE, new: Files = BOOKWORM) -> Rewriting:
    return rewriting(stack([index(old)]), [index(files) for files in app], stack([index(new)]))


def bodies(files: Files) -> dict[str, bytes]:
    given = {path: file.content if isinstance(file, AFile) else file for path, file in files.items()}
    texts = {path: file for path, file in given.items() if isinstance(file, str | bytes)}
    return {path: file.encode() if isinstance(file, str) else file for path, file in texts.items()}


def written(app: Sequence[Files], done: Rewriting) -> list[LayerIndex]:
    """The indexes of the layers as they come out; all that was foretold of them holds."""
    indexes = []
    for files, changes, foretold in zip(app, done.changes, done.layers, strict=True):
        tar = b"".join(rewritten([a_layer(files).content], changes or Changes()))
        found = index_layer([tar], DiffId(digest_of(tar)))
        for part in ("entries", "whiteouts", "opaques", "oddities"):
            assert getattr(found, part) == getattr(foretold, part)
        indexes.append(found)
    return indexes


def rebased(app: Sequence[Files], old: Files = BULLSEYE, new: Files = BOOKWORM) -> FileSystem:
    """What a container sees of the rewritten layers on the new base, where no engine differs any more."""
    done = completed(plan(app, old, new), bodies(old))
    assert done.problems == ()
    files = add(stack([index(new)]), written(app, done))
    assert divergent(files) <= divergent(stack([index(layer) for layer in (old, *app)]))
    return files


def divergent(files: FileSystem) -> set[tuple[str, str]]:
    return {(one.rule, one.path) for one in files.divergences if one.rule in RULES}


def a_directory(mode: int) -> FileInTar:
    entry = symlink("")
    entry.type, entry.mode, entry.linkname = b"5", mode, ""
    return entry


def a_link(target: str, mode: int, uid: int, gid: int) -> FileInTar:
    entry = hard_link(target)
    entry.mode, entry.uid, entry.gid = mode, uid, gid
    return entry


def leaves(files: FileSystem) -> dict[str, str]:
    return {
        path: node.entry.link for path, node in sorted(files.nodes.items()) if node.entry.kind is not Kind.DIRECTORY
    }


def test_libraries_and_tools_of_debian_11_lie_in_usr_on_debian_12() -> None:
    app: list[Files] = [
        {
            "bin/": "",
            "bin/tool": AFile("#!/bin/sh\n", 0o755),
            "lib/": "",
            f"{LIBRARIES}/": "",
            f"{LIBRARIES}/libfoo.so.1": symlink("libfoo.so.1.2"),
            f"{LIBRARIES}/libfoo.so.1.2": "foo 1.2",
            "opt/": "",
            "opt/tool": hard_link("bin/tool"),
            "usr/": "",
        },
        {"lib/": "", f"{LIBRARIES}/": "", f"{LIBRARIES}/.wh.libold.so.1": "", "bin/": "", "bin/.wh.sh": ""},
    ]
    files = rebased(app)
    assert leaves(files) == {
        "bin": "usr/bin",
        "lib": "usr/lib",
        "opt/tool": "",
        "usr/bin/tool": "",
        f"usr/{LIBRARIES}/libc.so.6": "",
        f"usr/{LIBRARIES}/libfoo.so.1": "libfoo.so.1.2",
        f"usr/{LIBRARIES}/libfoo.so.1.2": "",
        "var/run": "/run",
    }
    found = files.find(f"{LIBRARIES}/libfoo.so.1")
    assert found is not None
    assert found.path == f"usr/{LIBRARIES}/libfoo.so.1.2"


def test_what_becomes_of_each_path_is_told() -> None:
    done = plan([{"app": "1"}, {"bin/": "", "bin/tool": "1", "opt/t": hard_link("bin/tool"), "bin/.wh.sh": ""}])
    assert done.changes[0] is None
    assert done.changes[1] == Changes({"bin/tool": "usr/bin/tool", "bin/sh": "usr/bin/sh"}, frozenset({"bin"}))
    why = "in the new base 'bin' is a link to 'usr/bin'"
    assert list(done.reasons) == [
        (1, "bin", "is left out: in the new base it is a link to 'usr/bin'"),
        (1, "bin/tool", f"goes to 'usr/bin/tool': {why}"),
        (1, "opt/t", f"joins 'usr/bin/tool': {why}"),
        (1, "bin/sh", f"what is removed there is removed from 'usr/bin/sh': {why}"),
    ]


def test_a_directory_that_only_stands_there_does_not_hide_the_link() -> None:
    assert leaves(rebased([{"var/": "", "var/run/": ""}]))["var/run"] == "/run"


def test_a_directory_that_the_application_made_goes_with_what_is_in_it() -> None:
    own = AFile("1")
    files = rebased([{"lib/": "", "lib/own/": "", "lib/own/a": own}, {"lib/own/.wh..wh..opq": "", "lib/own/": ""}])
    assert files.entry("usr/lib/own/a") is None
    assert files.entry("usr/lib/own") is not None


def test_links_behind_links_are_followed() -> None:
    old: Files = {"lib/": "", "lib/sub/": "", "lib/sub/deep/": ""}
    new: Files = {
        "lib": symlink("usr/lib"),
        "usr/lib/sub": symlink("/opt/sub"),
        "opt/sub": symlink("../srv"),
        "srv/": "",
    }
    files = rebased([{"lib/sub/deep/a": "1"}], old, new)
    assert files.entry("srv/deep/a") is not None


@pytest.mark.parametrize(
    ("app", "path", "why"),
    [
        ({"lib/": "", f"{LIBRARIES}/libc.so.6": "mine"}, f"{LIBRARIES}/libc.so.6", "has a file of its own"),
        ({"bin/a": "1", "usr/bin/a": "2"}, "usr/bin/a", "would meet 'bin/a'"),
        ({"bin/a": "1", "usr/bin/a": symlink("../../bin/a")}, "usr/bin/a", "would meet 'bin/a'"),
        ({"bin/a/b": "1", "usr/bin/a": "2"}, "bin/a/b", "the application has something else"),
        ({"usr/bin/a": "1", "bin/.wh.a": ""}, "usr/bin/a", "removes 'bin/a'"),
        ({"usr/bin/sh": hard_link("bin/sh")}, "usr/bin/sh", "would join 'usr/bin/sh' instead of 'bin/sh'"),
        ({"bin/.wh..wh..opq": "", "bin/": ""}, "bin", "hides all"),
        ({"bin/": a_directory(0o700)}, "bin", "changes its owner or mode"),
    ],
)
def test_what_cannot_be_moved_is_told_and_nothing_is_moved(app: dict[str, FileInTar], path: str, why: str) -> None:
    layers: list[Files] = [{"lib/other": "1"}, app]
    done = plan(layers)
    assert not any(changes and changes.moved for changes in done.changes)
    assert done.layers[0] == index(layers[0])
    assert any(problem.path == path and why in problem.message for problem in done.problems), done.problems


def test_the_same_file_in_both_places_is_there_once() -> None:
    done = plan([{"bin/a": "1", "usr/bin/a": "1"}])
    assert done.changes == (Changes({"bin/a": "usr/bin/a"}, frozenset({"usr/bin/a"})),)
    assert done.problems == ()


def test_files_of_two_layers_that_meet_are_told() -> None:
    done = plan([{"bin/a": "1"}, {"usr/bin/a": "2"}])
    assert [problem.path for problem in done.problems] == ["bin/a", "usr/bin/a"]


def test_a_file_and_a_hard_link_of_two_layers_that_meet_are_told() -> None:
    done = plan([{"usr/bin/a": "1"}, {"bin/a": hard_link("bin/sh")}])
    assert ("bin/a", "would be at 'usr/bin/a', where the application has 'usr/bin/a' as well") in done.problems


def test_a_file_that_a_later_layer_would_remove_by_its_other_name_is_told() -> None:
    done = plan([{"usr/bin/a": "1"}, {"bin/.wh.a": ""}])
    assert [problem.path for problem in done.problems] == ["usr/bin/a"]


@pytest.mark.parametrize("target", ["lib", "nowhere", "usr/bin/sh"])
def test_a_link_that_leads_to_no_directory_is_told(target: str) -> None:
    done = plan([{"lib/a": "1"}], new={"lib": symlink(target), "usr/bin/sh": "1"})
    assert [(problem.path, problem.message) for problem in done.problems] == [
        ("lib", "is a link in the new base, and leads to no directory")
    ]


def test_a_file_in_the_way_is_told() -> None:
    done = plan([{"lib/a": "1"}], new={"lib": "a file"})
    assert [(problem.path, problem.message) for problem in done.problems] == [
        ("lib", "is a file in the new base, and the layer has something in it")
    ]


@pytest.mark.parametrize(
    ("old", "app"),
    [
        ({"usr/": ""}, {"lib/": "", "lib/a": "1"}),
        ({"lib": symlink("usr/lib"), "usr/lib/": ""}, {"lib/a": "1"}),
        ({"lib/": "", "lib/x": "1"}, {".wh.lib": "", "lib/": "", "lib/a": "1"}),
        ({"lib/": ""}, {"lib": symlink("elsewhere")}),
    ],
)
def test_a_directory_of_the_applications_own_is_left_alone(old: Files, app: Files) -> None:
    done = plan([app], old)
    assert (done.changes, done.reasons, done.problems) == ((None,), (), ())


def test_a_hard_link_to_a_file_that_is_gone_becomes_that_file() -> None:
    old: Files = {"etc/y": AFile("of old", 0o4711, 5, 6, {"user.a": "b"}), "z": "1"}
    app: list[Files] = [
        {"x": a_link("etc/y", 0o4711, 5, 6), "x2": a_link("x", 0o4711, 5, 6)},
        {"later": a_link("x", 0o4711, 5, 6)},
    ]
    planned = plan(app, old, {"z": "2"})
    assert planned.wanted == {"etc/y"}
    assert [(one.layer, one.path, one.message) for one in planned.reasons] == [
        (0, "x", "becomes a file of its own, with what the old base has at 'etc/y'"),
        (1, "later", "becomes a file of its own, with what the old base has at 'etc/y'"),
    ]
    files = rebased(app, old, {"z": "2"})
    for path in ("x", "x2", "later"):
        entry = files.entry(path)
        assert entry is not None
        assert (entry.kind, entry.mode, entry.uid, entry.gid) == (Kind.FILE, 0o4711, 5, 6)
        assert entry.xattrs == (("user.a", b"b"),)


def test_a_hard_link_with_a_mode_and_owner_of_its_own_becomes_a_file_with_those() -> None:
    old: Files = {"y": AFile("1", 0o644)}
    app: list[Files] = [{"x": a_link("y", 0o600, 7, 8)}, {"later": a_link("x", 0o640, 7, 9)}]
    original = stack([index(old), *map(index, app)])
    for files in (original, rebased(app, old, {"z": "2"})):
        found = [(entry.mode, entry.uid, entry.gid) for path in ("x", "later") if (entry := files.entry(path))]
        assert found == [(0o600, 7, 8), (0o640, 7, 9)]


def test_a_hard_link_that_still_finds_its_file_is_left_alone() -> None:
    app: list[Files] = [{"x": hard_link("y")}]
    assert plan(app, {"y": "1"}, {"y": "2"}).changes == (None,)
    assert plan([{"x": hard_link("never")}], {"y": "1"}, {"y": "2"}) == plan([{"x": hard_link("never")}], {}, {})


def test_a_hard_link_to_what_was_no_file_is_told() -> None:
    (problem,) = plan([{"x": hard_link("y")}], {"y": symlink("z")}, {}).problems
    assert problem == ("x", "joins 'y', which was a symbolic link")


def test_a_hard_link_that_moves_becomes_the_file_only_if_that_is_still_the_same() -> None:
    old: Files = {"lib/": "", "lib/y": "1"}
    same: Files = {"lib": symlink("usr/lib"), "usr/lib/y": "1"}
    assert rebased([{"lib/x": hard_link("lib/y")}], old, same).entry("usr/lib/x") is not None
    (problem,) = plan([{"lib/x": hard_link("lib/y")}], old, {**same, "usr/lib/y": "2"}).problems
    assert problem == ("lib/x", "joins 'lib/y', which is another file in the new base")


def test_files_that_are_too_large_to_be_copied_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unjoined, "MAX_UNJOINED", 10)
    old: Files = {"a": "1234567890", "b": "1"}
    done = plan([{"x": hard_link("a"), "y": hard_link("b"), "z": hard_link("a")}], old, {})
    assert done.wanted == {"a"}
    assert list(done.problems) == [("y", "joins 'b', which is too large to be copied")]


@pytest.mark.parametrize("body", [{}, {"y": b"2"}, {"y": b""}])
def test_a_body_that_is_not_that_of_the_old_base_is_refused(body: dict[str, bytes]) -> None:
    with pytest.raises(UnreadableError):
        completed(plan([{"x": hard_link("y")}], {"y": "1"}, {}), body)


def test_a_removal_from_a_directory_that_is_gone_is_left_out() -> None:
    old: Files = {"cache/": "", "cache/x": "1"}
    done = plan([{"cache/": "", "cache/.wh.x": "", "cache/x/": ""}], old, {})
    assert done.changes == (Changes(idle=frozenset({"cache/x"})),)
    assert list(done.reasons) == [(0, "cache/x", "is not removed any more: the new base has no such directory")]
    assert rebased([{"cache/": "", "cache/.wh.x": ""}], old, {}).entry("cache") is not None


def test_what_the_original_removes_from_nowhere_as_well_stays() -> None:
    assert plan([{"never/.wh.x": ""}], {"a": "1"}, {"a": "1"}).changes == (None,)


def test_layers_that_stand_on_the_new_base_as_they_are_stay() -> None:
    app: list[Files] = [{"opt/a": "1", "opt/b": hard_link("opt/a"), "usr/bin/.wh.sh": ""}]
    done = plan(app)
    assert (done.changes, done.reasons, done.problems, done.wanted) == ((None,), (), (), frozenset())


PLACES = st.sampled_from(["lib", "lib/d", "usr/lib", "usr/lib/d", "opt", "lib/own", "gone"])
PATHS = st.builds("/".join, st.tuples(PLACES, st.sampled_from(["a", "b", "c"])))
WHAT = st.one_of(
    st.sampled_from(["1", "2", "removed", "hidden", "directory"]),
    st.builds(hard_link, PATHS),
    st.just(symlink("a")),
)
APPS = st.lists(st.dictionaries(PATHS, WHAT, max_size=4), max_size=3)
BASES = st.dictionaries(PATHS, st.sampled_from(["1", "2"]), max_size=6)


def as_files(told: Mapping[str, FileInTar], *, parents: bool) -> dict[str, FileInTar]:
    """Files for what is told of paths; with an entry for every directory above them, as engines write, or without."""
    files: dict[str, FileInTar] = {}
    for path, what in told.items():
        parts = path.split("/")
        if parents:
            files |= {"/".join(parts[:count]) + "/": "" for count in range(1, len(parts))}
        if what == "removed":
            files["/.wh.".join(path.rsplit("/", 1))] = ""
        elif what in ("hidden", "directory"):
            files[f"{path}/"] = ""
            files |= {f"{path}/.wh..wh..opq": ""} if what == "hidden" else {}
        else:
            files[path] = what
    return files


def merged(told: Mapping[str, str]) -> dict[str, FileInTar]:
    """A base on which /lib is a link; what it would have there is in /usr/lib."""
    moved = {path if path.startswith("usr/") else path.replace("lib/", "usr/lib/"): what for path, what in told.items()}
    return {"lib": symlink("usr/lib"), "usr/": "", "usr/lib/": "", **as_files(moved, parents=True)}


@given(BASES, APPS, BASES, st.booleans())
def test_a_rewritten_stack_is_read_in_one_way_and_has_all_of_the_application(
    was: dict[str, str], app: list[dict[str, FileInTar]], now: dict[str, str], parents: bool
) -> None:
    old: Files = {"lib/": "", "lib/d/": "", "usr/": "", "usr/lib/": "", **as_files(was, parents=True)}
    layers = [as_files(told, parents=parents) for told in app]
    new = merged(now)
    original = stack([index(files) for files in (old, *layers)])
    planned = plan(layers, old, new)
    event(f"problems: {bool(planned.problems)}, changes: {any(planned.changes)}")
    done = completed(planned, bodies(old))
    files = add(stack([index(new)]), written(layers, done))
    if planned.problems:
        return  # checks block it
    never = {path for rule, path in divergent(original) if rule == "W14b"}  # nobody could unpack the original
    more = divergent(files) - divergent(original)
    assert {path for _, path in more} <= never | {f"usr/{path}" for path in never}
    joined = {one.path for one in original.divergences if one.rule in ("W14", "W14b")}
    for path, node in original.nodes.items():
        if node.layer >= 1 and path not in joined and node.entry.kind is Kind.FILE:
            found = files.find(path)
            assert found is not None
            assert found.content == node.entry.content
