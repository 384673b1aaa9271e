"""Whole runs in which a layer on top puts right what both sides changed."""

import pytest

from rebaser.contents.ld_so import CacheEntry, CacheHeader, read_ld_so_cache
from rebaser.decide import Outcome
from rebaser.layers.filesystem import stack
from rebaser.layers.index import index_layer
from rebaser.mergers import ld_so_cache
from rebaser.pipeline import Run
from rebaser.transports.base import read_blob
from tests.builders import AFile, FileInTar, a_layer, an_image, buildkit, symlink
from tests.runs import World, built_on, outcome, refused

ROOT = "root:x:0:0:root:/root:/bin/sh\n"
APP = "app:x:1000:1000::/home/app:/bin/sh\n"


def base(number: int) -> dict[str, FileInTar]:
    return {
        "etc/passwd": ROOT + "".join(f"sys{n}:x:{n}:{n}::/:/bin/false\n" for n in range(1, number + 1)),
        "etc/setting": f"one\ntwo {number}\nthree\nfour\nfive\n",
        "lib/copied": AFile(f"content {number}", 0o644),
    }


OWN: dict[str, FileInTar] = {
    "etc/passwd": ROOT + "sys1:x:1:1::/:/bin/false\n" + APP,
    "etc/setting": "one\ntwo 1\nthree\nfour\nfive of the app\n",
    "lib/copied": AFile("content 1", 0o600),
}


STEP = [buildkit("RUN useradd app")]


@pytest.fixture
def world() -> World:
    made = World()
    bases = {number: an_image([a_layer(base(number))]) for number in (1, 2, 3)}
    for number, image in bases.items():
        made.put(f"base:{number}", image)
    made.put("app:1", built_on(bases[1], [a_layer(OWN)], history=STEP))
    return made


def contents(world: World, short: str) -> dict[str, tuple[bytes, int]]:
    image, store = world.image(short), world.store(short)
    layers = [index_layer([read_blob(store, one.descriptor, 1 << 20)], one.diff_id) for one in image.layers]
    nodes = stack(layers).nodes
    return {path: (node.entry.content, node.entry.mode) for path, node in nodes.items() if node.entry.content}


def test_what_both_sides_changed_is_as_a_rebuild_would_have_it(world: World) -> None:
    run = world.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")
    assert outcome(run) is Outcome.REBASE
    made = run.plans[0].draft
    assert made is not None
    assert made.top is not None
    told = {repair.path: (repair.action.value, repair.content.decode()) for repair in made.top.repairs}
    assert told == {
        "etc/passwd": ("merged", ROOT + "sys1:x:1:1::/:/bin/false\nsys2:x:2:2::/:/bin/false\n" + APP),
        "etc/setting": ("merged", "one\ntwo 2\nthree\nfour\nfive of the app\n"),
        "lib/copied": ("taken", "content 2"),
    }
    assert contents(world, "app:2")["lib/copied"][1] == 0o600


def test_two_updates_come_to_the_same_as_one(world: World) -> None:
    world.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")
    world.rebase("app:2", "base:3", "base:2", ["app:3"], checks="all")
    world.rebase("app:1", "base:3", "base:1", ["app:direct"], checks="all")
    assert contents(world, "app:3") == contents(world, "app:direct")
    assert len(world.image("app:3").layers) == 3
    assert world.image("app:3").diff_ids == world.image("app:direct").diff_ids


def test_one_line_changed_by_both_stands_in_the_way(world: World) -> None:
    own = a_layer({"etc/setting": "one\nmine\nthree\nfour\nfive\n"})
    world.put("app:1", built_on(an_image([a_layer(base(1))]), [own], history=STEP))
    assert refused(world.rebase("app:1", "base:2", "base:1", checks="all")) == ["merge-conflict"]


def repaired(run: Run) -> dict[str, tuple[str, str, int | None]]:
    """Action, content and mode of every repair; no mode where something is removed."""
    made = run.plans[0].draft
    assert made is not None
    repairs = made.top.repairs if made.top is not None else ()
    return {
        one.path: (one.action.value, one.content.decode(errors="replace"), one.entry and one.entry.mode)
        for one in repairs
    }


def test_a_backup_of_the_accounts_is_a_copy_of_the_new_base_s_file_with_its_mode(world: World) -> None:
    new = {**base(2), "etc/passwd-": AFile("left by whoever made the base", 0o600)}
    world.put("base:2", an_image([a_layer(new)]))
    own = {**OWN, "etc/passwd-": base(1)["etc/passwd"]}
    world.put("app:1", built_on(an_image([a_layer(base(1))]), [a_layer(own)], history=STEP))
    told = repaired(world.rebase("app:1", "base:2", "base:1", checks="all"))
    assert told["etc/passwd-"] == ("taken", str(new["etc/passwd"]), 0o644)


def test_a_backup_stays_where_the_new_base_has_none(world: World) -> None:
    own = {**OWN, "etc/passwd-": base(1)["etc/passwd"]}
    old = {**base(1), "etc/passwd-": base(1)["etc/passwd"]}
    world.put("base:1", an_image([a_layer(old)]))
    world.put("app:1", built_on(an_image([a_layer(old)]), [a_layer(own)], history=STEP))
    told = repaired(world.rebase("app:1", "base:2", "base:1", checks="all"))
    assert told["etc/passwd-"] == ("taken", str(base(2)["etc/passwd"]), 0o644)


def test_a_directory_of_the_old_base_does_not_stay_for_the_sake_of_what_was_removed_in_it(world: World) -> None:
    old = an_image([a_layer({**base(1), "usr/share/tool/1/data": "1"})])
    world.put("base:1", old)
    own = a_layer({"usr/share/tool/": "", "usr/share/tool/.wh.1": ""})
    world.put("app:1", built_on(old, [own], history=[buildkit("RUN rm -rf /usr/share/tool/1")]))
    world.put("base:2", an_image([a_layer({**base(2), "usr/share/other": "2"})]))
    told = repaired(world.rebase("app:1", "base:2", "base:1", checks="all"))
    assert told == {"usr/share/tool": ("removed", "", None)}


def test_a_directory_that_the_application_made_anew_stays_empty(world: World) -> None:
    old = an_image([a_layer({**base(1), "usr/share/tool/1/data": "1"})])
    world.put("base:1", old)
    own = [a_layer({"usr/share/.wh.tool": ""}), a_layer({"usr/share/tool/": ""}), a_layer({"usr/share/tool/.wh.1": ""})]
    world.put("app:1", built_on(old, own, history=[buildkit("RUN rm"), buildkit("RUN mkdir"), buildkit("RUN rm")]))
    world.put("base:2", an_image([a_layer({**base(2), "usr/share/other": "2"})]))
    assert repaired(world.rebase("app:1", "base:2", "base:1", checks="all")) == {}


def library(version: int, also: str = "") -> dict[str, FileInTar]:
    """A package with a library of its own, under a name that stays, as ldconfig lists it beside others."""
    file = f"usr/lib/libown.so.1.{version}"
    status = f"Package: libown1\nStatus: install ok installed\nArchitecture: all\nVersion: {version}\n\n"
    entries = [CacheEntry(name, f"/usr/lib/{name}", 0x303, 0, 0) for name in ("libown.so.1", also) if name]
    listed = ld_so_cache._sorted(ld_so_cache._Library(entry, "") for entry in entries)
    return {
        "etc/ld.so.cache": ld_so_cache._written(CacheHeader(2, b"ldconfig", ()), listed),
        file: f"library {version}",
        "usr/lib/libown.so.1": symlink(f"libown.so.1.{version}"),
        "var/lib/dpkg/info/libown1.list": f"/.\n/usr\n/usr/lib\n/{file}\n/usr/lib/libown.so.1\n",
        "var/lib/dpkg/status": status,
        **({f"usr/lib/{also}": also} if also else {}),
    }


def test_a_library_of_which_the_new_base_has_a_newer_update_stays_in_the_loader_s_cache(world: World) -> None:
    old = an_image([a_layer(library(1))])
    own = a_layer({**library(2, "libadded.so"), "usr/lib/.wh.libown.so.1.1": ""})
    world.put("base:1", old)
    world.put("app:1", built_on(old, [own], history=[buildkit("RUN apt-get install --only-upgrade libown1")]))
    world.put("base:2", an_image([a_layer(library(3, "libbase.so"))]))
    run = world.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")
    assert outcome(run) is Outcome.REBASE
    made = run.plans[0].draft
    assert made is not None
    assert made.top is not None
    (cache,) = (repair.content for repair in made.top.repairs if repair.path == "etc/ld.so.cache")
    names = {entry.soname for entry in read_ld_so_cache(cache)}
    assert names == {"libown.so.1", "libadded.so", "libbase.so"}


def test_the_copy_of_the_package_database_is_the_new_base_s_where_its_own_update_is_the_newest(world: World) -> None:
    before = str(library(1)["var/lib/dpkg/status"])
    old = an_image([a_layer(library(1))])
    own = a_layer({**library(2), "var/lib/dpkg/status-old": before, "usr/lib/.wh.libown.so.1.1": ""})
    world.put("base:1", old)
    world.put("app:1", built_on(old, [own], history=[buildkit("RUN apt-get install --only-upgrade libown1")]))
    world.put("base:2", an_image([a_layer({**library(3, "libbase.so"), "var/lib/dpkg/status-old": "the base's"})]))
    told = repaired(world.rebase("app:1", "base:2", "base:1", checks="all"))
    assert told["var/lib/dpkg/status"][1] == library(3)["var/lib/dpkg/status"]
    assert told["var/lib/dpkg/status-old"] == ("taken", "the base's", 0o644)


def viewers(leads_to: str, choices: dict[str, int], mode: str = "auto") -> dict[str, FileInTar]:
    """`viewer` for which there are choices with priorities; the application's has a manual as well."""
    mine = "/opt/mine" in choices
    lines = [mode, "/usr/bin/viewer", *(["viewer.txt", "/usr/share/viewer.txt"] if mine else []), ""]
    for path, priority in sorted(choices.items()):
        lines += [path, str(priority), *(["/opt/mine.txt" if path == "/opt/mine" else ""] if mine else [])]
    return {
        "var/lib/dpkg/alternatives/viewer": "".join(f"{line}\n" for line in (*lines, "")),
        "etc/alternatives/viewer": symlink(leads_to),
        "usr/bin/viewer": symlink("/etc/alternatives/viewer"),
        "usr/share/": "",
        **dict.fromkeys(("bin/cat", "bin/head"), "program"),
    }


MANUAL: dict[str, FileInTar] = {
    "opt/mine": "mine",
    "opt/mine.txt": "manual",
    "etc/alternatives/viewer.txt": symlink("/opt/mine.txt"),
    "usr/share/viewer.txt": symlink("/etc/alternatives/viewer.txt"),
}


def links_after(world: World, app: dict[str, FileInTar], new: dict[str, FileInTar]) -> dict[str, str]:
    """Where the links of `viewer` and its manual lead after a rebase, those that are there."""
    old = an_image([a_layer(viewers("/bin/cat", {"/bin/cat": 10}))])
    step = [buildkit("RUN update-alternatives --install")]
    world.put("base:1", old)
    world.put("app:1", built_on(old, [a_layer(app)], history=step))
    world.put("base:2", an_image([a_layer(new)]))
    assert outcome(world.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")) is Outcome.REBASE
    image, store = world.image("app:2"), world.store("app:2")
    layers = [index_layer([read_blob(store, one.descriptor, 1 << 20)], one.diff_id) for one in image.layers]
    nodes = stack(layers).nodes
    places = ("etc/alternatives/viewer", "usr/bin/viewer", "etc/alternatives/viewer.txt", "usr/share/viewer.txt")
    return {path: nodes[path].entry.link for path in places if path in nodes}


def test_a_better_choice_of_the_new_base_has_the_name(world: World) -> None:
    app = viewers("/opt/mine", {"/bin/cat": 10, "/opt/mine": 20}) | MANUAL
    new = viewers("/bin/head", {"/bin/cat": 10, "/bin/head": 50})
    assert links_after(world, app, new) == {
        "etc/alternatives/viewer": "/bin/head",
        "usr/bin/viewer": "/etc/alternatives/viewer",
    }


def test_the_application_s_choice_has_the_name_where_it_is_the_better_one(world: World) -> None:
    app = viewers("/opt/mine", {"/bin/cat": 10, "/opt/mine": 90}) | MANUAL
    new = viewers("/bin/head", {"/bin/cat": 10, "/bin/head": 50})
    assert links_after(world, app, new) == {
        "etc/alternatives/viewer": "/opt/mine",
        "usr/bin/viewer": "/etc/alternatives/viewer",
        "etc/alternatives/viewer.txt": "/opt/mine.txt",
        "usr/share/viewer.txt": "/etc/alternatives/viewer.txt",
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "leads_to"), [("manual", "auto", "/opt/mine"), ("auto", "manual", "/bin/cat")]
)
def test_whoever_chose_by_hand_is_heard(world: World, ours: str, theirs: str, leads_to: str) -> None:
    app = viewers("/opt/mine", {"/bin/cat": 10, "/opt/mine": 20}, ours) | MANUAL
    new = viewers("/bin/cat" if theirs == "manual" else "/bin/head", {"/bin/cat": 10, "/bin/head": 50}, theirs)
    assert links_after(world, app, new)["etc/alternatives/viewer"] == leads_to


REMOVED: dict[str, FileInTar] = {
    "var/lib/dpkg/alternatives/.wh.viewer": "",
    "etc/alternatives/.wh.viewer": "",
    "usr/bin/.wh.viewer": "",
}


def test_choices_that_only_the_new_base_has_stay_when_the_application_removed_those_of_the_old(world: World) -> None:
    new = viewers("/bin/head", {"/bin/cat": 10, "/bin/head": 50})
    assert links_after(world, REMOVED, new) == {
        "etc/alternatives/viewer": "/bin/head",
        "usr/bin/viewer": "/etc/alternatives/viewer",
    }


def test_a_name_without_any_choice_left_is_gone(world: World) -> None:
    assert links_after(world, REMOVED, viewers("/bin/cat", {"/bin/cat": 10}, "manual")) == {}


def test_a_file_in_the_place_of_a_link_stays(world: World) -> None:
    app = viewers("/opt/mine", {"/bin/cat": 10, "/opt/mine": 20}) | MANUAL | {"usr/bin/viewer": "a program"}
    new = viewers("/bin/head", {"/bin/cat": 10, "/bin/head": 50})
    assert links_after(world, app, new)["usr/bin/viewer"] == ""


def test_without_the_layer_such_files_are_findings(world: World) -> None:
    run = world.rebase("app:1", "base:2", "base:1", checks="all", merge_layer=False)
    assert "copied-up-file" in refused(run)


def test_layers_in_which_a_directory_stands_twice_are_no_finding(world: World) -> None:
    again: dict[str, FileInTar] = {"./etc/": "", "srv/": "", "srv/own": "1", "./srv/": "", "./srv/more": "2"}
    world.put("app:1", built_on(an_image([a_layer(base(1))]), [a_layer({**OWN, **again})], history=STEP))
    world.put("base:2", an_image([a_layer({**base(2), "usr/": "", "./usr/": ""})]))
    run = world.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")
    assert outcome(run) is Outcome.REBASE
    assert {"srv/own", "srv/more"} <= contents(world, "app:2").keys()


OLD_APT, NEW_APT = ROOT + "_apt:x:100:65534::/:/bin/false\n", ROOT + "_apt:x:42:65534::/:/bin/false\n"


def of_apt(world: World, step: str, own: dict[str, FileInTar]) -> Run:
    """A step whose files belong to a user that has the number 100 in the old base and 42 in the new one."""
    bases = [an_image([a_layer({"etc/passwd": text, "var/cache/apt/": ""})]) for text in (OLD_APT, NEW_APT)]
    for number, base_image in enumerate(bases, 1):
        world.put(f"base:{number}", base_image)
    world.put("app:1", built_on(bases[0], [a_layer(own)], history=[buildkit(step)]))
    return world.rebase("app:1", "base:2", "base:1", checks="all")


def test_a_directory_that_belongs_to_a_user_of_the_base_does_so_when_that_has_another_number(world: World) -> None:
    own: dict[str, FileInTar] = {
        "var/cache/apt/": AFile("", 0o755),
        "var/cache/apt/partial/": AFile("", 0o700, uid=100),
        "srv/": AFile("", 0o755, gid=100),
    }
    run = of_apt(world, "RUN apt-get update && apt-get install -y ed", own)
    assert outcome(run) is Outcome.REBASE
    assert repaired(run) == {"var/cache/apt/partial": ("access", "", 0o700)}
    made = run.plans[0].draft
    assert made is not None
    assert made.top is not None
    assert [(one.entry.uid, one.entry.gid) for one in made.top.repairs if one.entry] == [(42, 0)]


def test_a_directory_that_has_its_owner_from_the_base_gets_that_of_the_new_base_once(world: World) -> None:
    users = ("a:x:100:0::/:/bin/sh\nb:x:42:0::/:/bin/sh\n", "a:x:42:0::/:/bin/sh\nb:x:7:0::/:/bin/sh\n")
    bases = [
        an_image([a_layer({"etc/passwd": ROOT + text, "srv/": AFile("", 0o755, uid=uid)})])
        for text, uid in zip(users, (100, 42), strict=True)
    ]
    world.put("base:1", bases[0])
    world.put("base:2", bases[1])
    own: dict[str, FileInTar] = {"srv/": AFile("", 0o700, uid=100)}
    world.put("app:1", built_on(bases[0], [a_layer(own)], history=[buildkit("RUN chmod go= /srv")]))
    run = world.rebase("app:1", "base:2", "base:1", checks="all")
    made = run.plans[0].draft
    assert made is not None
    assert made.top is not None
    assert [(one.path, one.entry and (one.entry.uid, one.entry.mode)) for one in made.top.repairs] == [
        ("srv", (42, 0o700))
    ]


@pytest.mark.parametrize("step", ["RUN mkdir /srv && chown 100:0 /srv", "COPY --chown=100 srv /srv"])
def test_a_directory_whose_owner_a_step_gave_by_number_is_for_a_person(world: World, step: str) -> None:
    assert refused(of_apt(world, step, {"srv/": AFile("", 0o755, uid=100)})) == ["owner-renumbered"]


def test_a_file_that_belongs_to_a_user_with_another_number_now_is_for_a_person(world: World) -> None:
    assert refused(of_apt(world, "RUN make", {"srv/data": AFile("x", uid=100)})) == ["owner-renumbered"]


@pytest.mark.parametrize(
    ("step", "mode", "told"),
    [("RUN apt-get upgrade", 0o755, ["etc/perl"]), ("RUN chmod go= /etc/perl", 0o700, []), ("COPY e /etc/", 0o755, [])],
)
def test_a_directory_of_the_old_base_that_a_step_only_entered_is_gone_with_it(
    world: World, step: str, mode: int, told: list[str]
) -> None:
    old = an_image([a_layer({**base(1), "etc/perl/": AFile("", 0o755), "etc/perl/net.cfg": "1"})])
    world.put("base:1", old)
    own: dict[str, FileInTar] = {"etc/perl/": AFile("", mode)}
    world.put("app:1", built_on(old, [a_layer(own)], history=[buildkit(step)]))
    assert [*repaired(world.rebase("app:1", "base:2", "base:1", checks="all"))] == told


def test_directories_that_the_builder_mounts_on_stay_in_the_layers_of_steps(world: World) -> None:
    mounted: dict[str, FileInTar] = {"proc/": "", "sys/": "", "dev/": ""}
    old = an_image([a_layer({**base(1), **mounted})])
    world.put("base:1", old)
    world.put("app:1", built_on(old, [a_layer({**mounted, "app": "1"})], history=STEP))
    assert repaired(world.rebase("app:1", "base:2", "base:1", checks="all")) == {}
