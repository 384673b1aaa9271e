"""Where the paths of the original are in the rebased image."""

from rebaser.layers.filesystem import add
from rebaser.plan.adapted import former_paths, through
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
    old = a_base({"lib/a": "1", "usr/lib/b": "2"})
    app = add(old, [an_index({"lib/own": "o"})])
    assert former_paths(TURNED, old, app) == {"usr/lib/a": "lib/a", "usr/lib/own": "lib/own"}


def test_what_the_application_has_at_the_new_path_is_its_own() -> None:
    old = a_base({"lib/a": "1"})
    app = add(old, [an_index({"usr/lib/a": "o"})])
    assert former_paths(TURNED, old, app) == {}
