"""Held against update-alternatives itself, which is run in roots of its own."""

import shutil
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import FileInTar, symlink
from tests.checks.evidence import Files
from tests.plan.merging import After, merged

DATABASE = "var/lib/dpkg/alternatives/pager"
Call: TypeAlias = tuple[str, ...]

EMPTY: Files = {
    "etc/alternatives/": "",
    "var/lib/dpkg/alternatives/": "",
    "var/log/": "",
    "usr/man/": "",
    "bin": symlink("usr/bin"),
}


MORE, LESS, MOST = ("/usr/bin/more", 50), ("/usr/bin/less", 77), ("/usr/bin/most", 80)


def database(*choices: tuple[str, int], mode: str = "auto", link: str = "/usr/bin/pager") -> str:
    return f"{mode}\n{link}\n\n" + "".join(f"{path}\n{priority}\n" for path, priority in sorted(choices)) + "\n"


def an_image(*choices: tuple[str, int], leads: str, mode: str = "auto") -> dict[str, FileInTar]:
    return {
        **EMPTY,
        **{path.strip("/"): "program" for path, _ in choices},
        DATABASE: database(*choices, mode=mode),
        "etc/alternatives/pager": symlink(leads),
        "usr/bin/pager": symlink("/etc/alternatives/pager"),
    }


OLD = an_image(MORE, leads="/usr/bin/more")
OWN: Files = {
    "usr/bin/less": "program",
    "etc/alternatives/pager": symlink("/usr/bin/less"),
    DATABASE: database(MORE, LESS),
}


def test_the_better_pager_of_the_new_base_is_the_one_although_the_application_s_layer_has_its_own_link() -> None:
    after = merged(OLD, [OWN], an_image(MORE, MOST, leads="/usr/bin/most"))
    assert after.text(DATABASE) == database(LESS, MORE, MOST)
    assert after.link("etc/alternatives/pager") == "/usr/bin/most"
    assert after.told == {DATABASE: "merged", "etc/alternatives/pager": "merged"}


def test_a_link_that_leads_where_it_should_is_left_alone() -> None:
    after = merged(OLD, [OWN], an_image(MORE, ("/usr/bin/pg", 1), leads="/usr/bin/more"))
    assert after.told == {DATABASE: "merged"}
    assert after.link("etc/alternatives/pager") == "/usr/bin/less"


def test_what_the_application_set_stays_set() -> None:
    own: Files = {**OWN, DATABASE: database(MORE, LESS, mode="manual")}
    after = merged(OLD, [own], an_image(MORE, MOST, leads="/usr/bin/most"))
    assert after.link("etc/alternatives/pager") == "/usr/bin/less"


def test_a_link_that_the_application_made_by_hand_is_its_own() -> None:
    own: Files = {**OWN, "etc/alternatives/pager": symlink("/opt/mine")}
    after = merged(OLD, [own], an_image(MORE, MOST, leads="/usr/bin/most"))
    assert after.link("etc/alternatives/pager") == "/opt/mine"


def test_where_no_choice_is_left_neither_database_nor_links_are() -> None:
    old = an_image(MORE, LESS, leads="/usr/bin/less")
    own: Files = {
        "usr/bin/.wh.less": "",
        "etc/alternatives/pager": symlink("/usr/bin/more"),
        DATABASE: database(MORE),
    }
    after = merged(old, [own], an_image(LESS, leads="/usr/bin/less"))
    assert DATABASE not in after.files
    assert "etc/alternatives/pager" not in after.files
    assert "usr/bin/pager" not in after.files


def test_a_file_where_a_link_is_to_be_is_not_replaced() -> None:
    after = merged(OLD, [{**OWN, "usr/bin/pager": "mine"}], an_image(MORE, MOST, leads="/usr/bin/most"))
    assert after.told == {DATABASE: "merged", "etc/alternatives/pager": "merged"}


def test_nobody_chooses_any_more_where_the_application_removed_what_the_new_base_had_chosen() -> None:
    own: Files = {"usr/bin/.wh.more": "", **OWN, DATABASE: database(LESS)}
    new = an_image(MORE, MOST, leads="/usr/bin/more", mode="manual")
    after = merged(OLD, [own], new)
    assert after.text(DATABASE) == database(LESS, MOST)
    assert after.link("etc/alternatives/pager") == "/usr/bin/most"


@pytest.mark.parametrize("link", ["relative", "/usr/bin/..", "/usr/bin/.wh.pager", "/", "/a\0b", "/" + "x" * 300])
def test_a_link_that_can_be_nowhere_stands_in_the_way(link: str) -> None:
    old, new = (
        {**an_image(*choices, leads="/usr/bin/more"), DATABASE: database(*choices, link=link)}
        for choices in ([MORE], [MORE, MOST])
    )
    after = merged(old, [{**OWN, DATABASE: database(MORE, LESS, link=link)}], new)
    assert after.conflicts == {DATABASE: "an alternative has a link where none can be"}


def test_a_choice_that_no_link_can_lead_to_stands_in_the_way() -> None:
    long = "/usr/bin/" + "../bin/" * 600 + "most"
    new = an_image(MORE, (long, 90), leads="/usr/bin/more") | {"usr/bin/most": "program"}
    new.pop(long.strip("/"))
    after = merged(OLD, [OWN], new)
    assert after.conflicts == {DATABASE: "an alternative leads where no link can"}


class Machine:
    """A root in which the real update-alternatives was called."""

    def __init__(self, place: Path, calls: Sequence[Call], files: Sequence[str]) -> None:
        self.place = place
        for directory in ("etc/alternatives", "var/lib/dpkg/alternatives", "var/log", "usr/bin", "usr/man"):
            (place / directory).mkdir(parents=True)
        (place / "bin").symlink_to("usr/bin")
        for path in files:
            (place / path).write_text("program")
        for call in calls:
            tool = ("update-alternatives", "--quiet", "--log", "/dev/null", "--root", str(place))
            subprocess.run((*tool, *call), check=True, capture_output=True)

    def files(self) -> dict[str, FileInTar]:
        found: dict[str, FileInTar] = {}
        for path in sorted(self.place.rglob("*")):
            name = str(path.relative_to(self.place))
            if path.is_symlink():
                found[name] = symlink(str(path.readlink()))
            elif path.is_dir():
                found[f"{name}/"] = ""
            else:
                found[name] = path.read_text()
        return found


def layer_between(old: Mapping[str, FileInTar], now: Mapping[str, FileInTar]) -> dict[str, FileInTar]:
    changed = {path: file for path, file in now.items() if path not in old or shown(file) != shown(old[path])}
    gone = (path.strip("/") for path in old if path not in now)
    return changed | {f"{path.rpartition('/')[0]}/.wh.{path.rpartition('/')[2]}": "" for path in gone}


def shown(file: FileInTar) -> object:
    return ("link", file.linkname) if isinstance(file, tarfile.TarInfo) else file


def seen(after: After) -> dict[str, object]:
    """Where all links lead, in the end."""
    links = {path: after.link(path) for path in after.files.nodes if path.startswith(("etc/", "usr/"))}
    return {path: ("link", link) for path, link in links.items() if link is not None}


@given(st.data())
@settings(max_examples=30, deadline=None)
@pytest.mark.skipif(shutil.which("update-alternatives") is None, reason="there is no dpkg here")
def test_links_and_database_are_what_the_application_s_calls_make_on_the_new_base(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place = tmp_path_factory.mktemp("roots")
    old = [install(name, data) for name in "ab"]
    by_app, by_new = calls("c", "ab", data), calls("d", "a", data)
    runs = {
        "old": (old, "ab"),
        "app": (old + by_app, "abc"),
        "new": (old + by_new, "abd"),
        "rebuilt": (old + by_new + by_app, "abcd"),
    }
    there = data.draw(st.sets(st.sampled_from(["one", "two"])))
    roots = {
        name: Machine(place / name, made, [f"usr/bin/{file}" for file in named] + men(named, there)).files()
        for name, (made, named) in runs.items()
    }
    after = merged(roots["old"], [layer_between(roots["old"], roots["app"])], roots["new"])
    shutil.rmtree(place)
    assert after.conflicts == {}
    rebuilt = {path: shown(file) for path, file in roots["rebuilt"].items() if isinstance(file, tarfile.TarInfo)}
    assert seen(after) == {path: link for path, link in rebuilt.items() if path != "bin"}
    database_now = after.files.entry(DATABASE)
    assert database_now is not None
    assert database_now.whole == str(roots["rebuilt"][DATABASE]).encode()


def men(names: str, there: set[str]) -> list[str]:
    return [f"usr/man/{name}.{slave}" for name in names for slave in there]


def calls(mine: str, gone: str, data: st.DataObject) -> list[Call]:
    gone = data.draw(st.sampled_from(["", *gone]))
    chosen = data.draw(st.sampled_from(["", mine, *("b" if gone != "b" else "")]))
    made = [install(mine, data)]
    made += [("--set", "pager", f"/usr/bin/{chosen}")] if chosen else []
    return made + ([("--remove", "pager", f"/usr/bin/{gone}")] if gone else [])


def install(name: str, data: st.DataObject) -> Call:
    priority = data.draw(st.integers(-2, 2))
    call = ["--install", "/usr/bin/pager", "pager", f"/usr/bin/{name}", str(priority)]
    for slave in sorted(data.draw(st.sets(st.sampled_from(["one", "two"])))):
        call += ["--slave", f"/usr/man/{slave}", slave, f"/usr/man/{name}.{slave}"]
    return tuple(call)
