"""Where the paths of the original are in the rebased image."""

from rebaser.layers.filesystem import add
from rebaser.plan.adapted import Ways, former_paths, through
from tests.builders import symlink
from tests.plan.test_starting import a_base, an_index

TURNED = {"lib": "usr/lib", "var/run": "run"}


def test_a_path_goes_where_the_innermost_link_leads() -> None:
    assert through(TURNED, "lib/x/y") == "usr/lib/x/y"
    assert through(TURNED, "var/run/pid") == "run/pid"
    assert through({**TURNED, "lib/x": "opt/x"}, "lib/x/y") == "opt/x/y"


def test_the_link_itself_and_all_else_stay() -> None:
    assert [through(TURNED, path) for path in ("lib", "library/x", "opt/lib/x", "")] == [
        "lib",
        "library/x",
        "opt/lib/x",
        "",
    ]


def test_each_new_path_is_told_with_its_old_one() -> None:
    old, own = a_base({"lib/a": "1", "usr/lib/b": "2"}), an_index({"lib/own": "o"})
    found = former_paths(Ways({}, TURNED), old, [own], add(old, [own]))
    assert found == {"usr/lib/a": "lib/a", "usr/lib/own": "lib/own"}


def test_what_went_through_a_link_and_does_not_any_more_is_told_the_other_way_round() -> None:
    start, own = a_base({"lib/": "", "usr/lib/b": "2"}), an_index({"lib/own": "o", "lib/.wh.x": ""})
    original = add(a_base({"lib": symlink("usr/lib"), "usr/lib/b": "2"}), [an_index({"usr/lib/own": "o"})])
    found = former_paths(Ways(TURNED, {}), start, [own], original)
    assert found == {"lib/own": "usr/lib/own", "lib/x": "usr/lib/x"}


def test_what_the_application_has_at_the_new_path_is_its_own() -> None:
    old, own = a_base({"lib/a": "1"}), an_index({"usr/lib/a": "o"})
    assert former_paths(Ways({}, TURNED), old, [own], add(old, [own])) == {}
