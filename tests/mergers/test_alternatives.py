import shutil
import subprocess
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.alternatives import (
    Alternative,
    Choice,
    Mode,
    links,
    merge_alternative,
    read_alternative,
    write_alternative,
)
from rebaser.mergers.conflict import Conflict
from tests.contents.hostile import answer
from tests.mergers.laws import assert_laws, outcome

PAGER = "auto\n/usr/bin/pager\npager.1\n/man/pager.1\n\n/bin/more\n50\n/man/more.1\n\n"
MORE, MOST, LESS = "/bin/more\n50\n/man/more.1\n", "/bin/most\n60\n\n", "/usr/bin/less\n77\n/man/less.1\n"
INSTALLED = sorted(Path("/var/lib/dpkg/alternatives").glob("*"))

Call: TypeAlias = tuple[str, ...]
MODES: tuple[Mode, Mode] = ("auto", "manual")


def test_the_pager_of_the_application_and_that_of_the_new_base_are_both_choices() -> None:
    app, new = PAGER.replace(MORE, MORE + LESS), PAGER.replace(MORE, MORE + MOST)
    assert outcome(merge_alternative, PAGER, app, new) == PAGER.replace(MORE, MORE + MOST + LESS)


def test_what_the_administrator_chose_stays_chosen() -> None:
    new = PAGER.replace(MORE, MORE + LESS)
    assert outcome(merge_alternative, PAGER, PAGER.replace("auto", "manual"), new) == new.replace("auto", "manual")


def test_a_choice_that_one_side_removed_is_gone_and_with_it_slaves_that_no_choice_has() -> None:
    app = "auto\n/usr/bin/pager\n\n/bin/most\n60\n\n"
    new = PAGER.replace("/pager.1\n\n", "/pager.1\npager.2\n/man/pager.2\n\n")
    new = new.replace("more.1\n", "more.1\n\n") + "/bin/x\n1\n\n/man/x.2\n\n"
    new = new.replace("\n\n\n/bin/x", "\n\n/bin/x")
    merged = outcome(merge_alternative, PAGER, app, new)
    assert merged == "auto\n/usr/bin/pager\npager.2\n/man/pager.2\n\n/bin/most\n60\n\n/bin/x\n1\n/man/x.2\n\n"


def test_what_both_changed_differently_is_for_a_person() -> None:
    for before, app, new, expected in [
        ("50", "51", "49", ("/bin/more: priority",)),
        ("/man/more.1", "/man/a", "", ("/bin/more: pager.1",)),
        ("/usr/bin/pager", "/bin/pager", "/sbin/pager", ("link",)),
        ("/man/pager.1", "/man/a", "/man/b", ("pager.1",)),
        (MORE, "", MORE.replace("50", "51") + LESS, ("/bin/more",)),
    ]:
        merged = outcome(merge_alternative, PAGER, PAGER.replace(before, app), PAGER.replace(before, new))
        assert merged == expected


def test_two_slaves_that_came_to_have_one_link_are_for_a_person() -> None:
    app = PAGER.replace("/pager.1\n\n", "/pager.1\nx.1\n/man/x\n\n").replace("more.1\n\n", "more.1\n/man/m\n\n")
    new = PAGER.replace("/pager.1\n\n", "/pager.1\ny.1\n/man/x\n\n").replace("more.1\n\n", "more.1\n/man/m\n\n")
    assert outcome(merge_alternative, PAGER, app, new) == ("x.1", "y.1")


def test_a_name_that_both_added_has_the_choices_of_both() -> None:
    one, other = (f"{mode}\n/usr/bin/x\n\n/bin/{name}\n1\n\n" for mode, name in (("manual", "a"), ("auto", "b")))
    assert outcome(merge_alternative, "", one, other) == "manual\n/usr/bin/x\n\n/bin/a\n1\n/bin/b\n1\n\n"


def test_a_name_that_one_side_removed_keeps_what_the_other_added() -> None:
    new = PAGER.replace(MORE, MORE + LESS)
    assert outcome(merge_alternative, PAGER, "", new) == PAGER.replace(MORE, LESS)
    assert outcome(merge_alternative, PAGER, "", PAGER.replace("auto", "manual")) == ""


@pytest.mark.parametrize(
    "bad",
    [
        b"auto\n/x\n\n/bin/x\n1\n",
        b"auto\n/x\n\n/bin/x\nhigh\n\n",
        b"auto\n/x\n\n/bin/x\n2147483648\n\n",
        b"auto\n/x\n\n/a\n1\n/a\n1\n\n",
        b"auto\n/x\nslave\n/x\n\n\n",
        b"auto\n/x\na\n/1\na\n/2\n\n\n",
        b"sometimes\n/x\n\n\n",
        b"auto\n\n\n\n",
        b"\n" * ((1 << 20) + 1),
    ],
)
def test_what_dpkg_would_not_take_is_malformed(bad: bytes) -> None:
    with pytest.raises(MalformedError):
        read_alternative(bad)


def test_a_thousand_slaves_of_a_thousand_choices_each_are_not_written() -> None:
    app = "auto\n/x\n" + "".join(f"{n}\n/{n}\n" for n in range(1000)) + "\n/bin/x\n1\n" + "/y\n" * 1000 + "\n"
    new = "auto\n/x\n\n" + "".join(f"/bin/{n}\n1\n" for n in range(1000)) + "\n"
    with pytest.raises(MalformedError):
        merge_alternative(b"", app.encode(), new.encode())


@pytest.mark.skipif(not INSTALLED, reason="there is no dpkg here")
def test_this_machine_s_alternatives_written_anew_are_the_same_and_lead_where_they_lead() -> None:
    for file in INSTALLED:
        alternative = read_alternative(file.read_bytes())
        assert write_alternative(alternative) == file.read_bytes()
        now = Path("/etc/alternatives", file.name)
        assert links(alternative, file.name, str(now.readlink()))[file.name] == str(now.readlink())


def test_links_stay_among_the_best_or_lead_to_the_first_of_them_or_to_what_was_chosen() -> None:
    choices = {"/a": Choice(1, {}), "/b": Choice(2, {"man": "/b.1"}), "/c": Choice(2, {})}
    auto, manual = (Alternative(mode, "/x", {"man": "/man"}, choices) for mode in MODES)
    assert links(auto, "x", "/a") == {"x": "/b", "man": "/b.1"}
    assert links(auto, "x", "/c") == {"x": "/c"}
    assert links(manual, "x", "/a") == {"x": "/a"}
    assert links(manual, "x", "/gone") == links(manual, "x", None) == {"x": "/b", "man": "/b.1"}
    assert links(Alternative("auto", "/x", {}, {}), "x", "/a") == {}


class Machine:
    """What the real update-alternatives makes of calls: its file, and its links."""

    def __init__(self, place: Path, used: Path, calls: list[Call]) -> None:
        admin, alt = place / "admin", place / "alt"
        shutil.rmtree(used, ignore_errors=True)
        for directory in (admin, alt, used):
            directory.mkdir(parents=True)
        for call in calls:
            own = ("--quiet", "--admindir", admin, "--altdir", alt, "--log", place / "log")
            subprocess.run(("update-alternatives", *own, *call), check=True, capture_output=True)
        self.body = (admin / "pager").read_bytes()
        self.links = {link.name: str(link.readlink()) for link in alt.iterdir()}


@given(st.data())
@settings(max_examples=40, deadline=None)
@pytest.mark.skipif(shutil.which("update-alternatives") is None, reason="there is no dpkg here")
def test_it_is_what_the_application_s_calls_make_on_the_new_base(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place = tmp_path_factory.mktemp("machines")
    old = [_install(place, name, data) for name in "ab"]
    by_app, by_new = (_calls(place, mine, gone, data) for mine, gone in (("c", "a"), ("d", "b")))
    runs = (old, old + by_app, old + by_new, old + by_new + by_app)
    machines = (Machine(place / f"machine{number}", place / "links", calls) for number, calls in enumerate(runs))
    before, app, new, rebuilt = machines
    merged = merge_alternative(before.body, app.body, new.body)
    assert merged == rebuilt.body
    current = (app if ("--set", "pager", f"{place}/c") in by_app else new).links["pager"]
    assert links(read_alternative(rebuilt.body), "pager", current) == rebuilt.links


def _calls(place: Path, mine: str, gone: str, data: st.DataObject) -> list[Call]:
    calls = [_install(place, mine, data)]
    calls += [("--set", "pager", f"{place}/{mine}")] if data.draw(st.booleans()) else []
    return calls + ([("--remove", "pager", f"{place}/{gone}")] if data.draw(st.booleans()) else [])


def _install(place: Path, name: str, data: st.DataObject) -> Call:
    (place / name).touch()
    call = ["--install", f"{place}/links/pager", "pager", f"{place}/{name}", str(data.draw(st.integers(-2, 2)))]
    for slave in data.draw(st.sets(st.sampled_from(["one", "two"]))):
        (place / f"{name}.{slave}").touch()
        call += ["--slave", f"{place}/links/{slave}", slave, f"{place}/{name}.{slave}"]
    return tuple(call)


CHOICES = st.dictionaries(
    st.sampled_from(["/a", "/b", "/c"]),
    st.builds(Choice, st.integers(1, 3), st.dictionaries(st.sampled_from("xy"), st.sampled_from(["/1", "/2"]))),
    min_size=1,
)
SLAVES = st.fixed_dictionaries({"x": st.sampled_from(["/x", "/z"]), "y": st.sampled_from(["/y", "/yy"])})
ALTERNATIVES = st.builds(Alternative, st.sampled_from(MODES), st.sampled_from(["/n", "/m"]), SLAVES, CHOICES)
BODIES = st.one_of(ALTERNATIVES.map(write_alternative), st.just(b""))


@given(BODIES, BODIES, BODIES)
@settings(max_examples=500)
def test_the_laws_hold_and_what_is_merged_is_read(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_alternative, old, app, new)
    merged = merge_alternative(old, app, new)
    if not isinstance(merged, Conflict) and merged:
        assert write_alternative(read_alternative(merged)) == merged


@given(st.binary(max_size=60), st.integers(0, 60))
def test_a_damaged_alternative_is_read_or_malformed(wrong: bytes, at: int) -> None:
    body = PAGER.encode()
    answer(read_alternative, body[:at] + wrong + body[at + len(wrong) :])
    answer(lambda bad: merge_alternative(b"", bad, body), wrong)
