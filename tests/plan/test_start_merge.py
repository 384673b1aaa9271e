"""The table of what docker makes of ENTRYPOINT and CMD on another base, and what is told of it."""

import pytest

from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.model import Wishes
from tests.plan.scene import Builder, merged, unproved

OLD: JsonObject = {"Entrypoint": ["old-e"], "Cmd": ["old-c"]}
NEW: JsonObject = {"Entrypoint": ["new-e"], "Cmd": ["new-c"]}
CLASSIC: JsonObject = {"Hostname": "", "Entrypoint": None, "Cmd": None}


def pair(config: JsonObject) -> tuple[Json, Json]:
    return config.get("Entrypoint", "absent"), config.get("Cmd", "absent")


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
@pytest.mark.parametrize(
    ("ran", "app", "expected"),
    [
        (["ENV A=1"], (["old-e"], ["old-c"]), (["new-e"], ["new-c"])),
        (["CMD [a-c]"], (["old-e"], ["a-c"]), (["new-e"], ["a-c"])),
        (["CMD [old-c]"], (["old-e"], ["old-c"]), (["new-e"], ["old-c"])),
        (["ENTRYPOINT [a-e]"], (["a-e"], None), (["a-e"], None)),
        (["ENTRYPOINT [old-e]"], (["old-e"], None), (["old-e"], None)),
        (["CMD [a-c]", "ENTRYPOINT [a-e]"], (["a-e"], ["a-c"]), (["a-e"], ["a-c"])),
        (["ENTRYPOINT [a-e]", "CMD [a-c]"], (["a-e"], ["a-c"]), (["a-e"], ["a-c"])),
        (["ENTRYPOINT []"], (None, None), (None, None)),
        (["ENTRYPOINT []", "CMD [a-c]"], (None, ["a-c"]), (None, ["a-c"])),
        (["CMD []"], (["old-e"], []), (["new-e"], [])),
    ],
)
def test_the_table(builder: Builder, ran: list[str], app: tuple[Json, Json], expected: tuple[Json, Json]) -> None:
    shape = CLASSIC if builder == "classic" else {}
    settings: JsonObject = {**shape, "Entrypoint": app[0], "Cmd": app[1]}
    result = merged({**shape, **OLD}, settings, {**shape, **NEW}, ran, builder=builder)
    assert pair(result.config) == expected


def test_only_the_bases_have_commands() -> None:
    result = merged({"Cmd": ["old-c"]}, {"Cmd": ["old-c"]}, {"Entrypoint": ["new-e"]}, ["ENV A=1"])
    assert (result.config, result.kinds) == ({"Entrypoint": ["new-e"]}, [])


def test_the_classic_builder_writes_null_where_a_command_is_gone() -> None:
    result = merged({**CLASSIC, **OLD}, {**CLASSIC, **OLD}, CLASSIC, ["ENV A=1"], builder="classic")
    assert pair(result.config) == (None, None)


def test_buildkit_leaves_out_a_command_that_is_gone() -> None:
    assert pair(merged(OLD, OLD, {}, ["ENV A=1"]).config) == ("absent", "absent")


def test_a_command_under_another_entrypoint_is_told() -> None:
    result = merged(OLD, {**OLD, "Cmd": ["a-c"]}, {**NEW, "Cmd": ["old-c"]}, ["CMD [a-c]"])
    assert result.told == [("entrypoint-changed", "/config/Entrypoint")]


def test_both_changed_the_command() -> None:
    result = merged(OLD, {**OLD, "Cmd": ["a-c"]}, {**OLD, "Cmd": ["new-c"]}, ["CMD [a-c]"])
    assert (pair(result.config), result.told) == ((["old-e"], ["a-c"]), [("both-changed", "/config/Cmd")])


def test_both_changed_the_command_and_the_base_is_to_win() -> None:
    app: JsonObject = {**OLD, "Cmd": ["a-c"]}
    result = merged(OLD, app, {**OLD, "Cmd": ["new-c"]}, ["CMD [a-c]"], wishes=Wishes("base"))
    assert (pair(result.config), result.told) == ((["old-e"], ["new-c"]), [("both-changed", "/config/Cmd")])


def test_both_changed_the_entrypoint_and_the_base_is_to_win() -> None:
    result = merged(OLD, {"Entrypoint": ["a-e"]}, NEW, ["ENTRYPOINT [a-e]"], wishes=Wishes("base"))
    assert pair(result.config) == (["new-e"], ["new-c"])
    assert ("both-changed", "/config/Entrypoint") in result.told


def test_without_history_a_lost_command_tells_of_an_entrypoint() -> None:
    assert pair(unproved(OLD, {"Entrypoint": ["old-e"]}, NEW).config) == (["old-e"], "absent")


def test_a_command_that_is_gone_though_no_instruction_took_it_stays_away() -> None:
    assert pair(merged({"Cmd": ["c"]}, {}, {"Cmd": ["c"]}, ["ENV A=1"]).config) == ("absent", "absent")


@pytest.mark.parametrize(
    ("builder", "ran", "sides", "expected"),
    [
        ("buildkit", "CMD [c]", (True, True, None), True),
        ("buildkit", "CMD []", (None, True, None), True),
        ("buildkit", "ENTRYPOINT [e]", (True, True, None), None),
        ("buildkit", "ENTRYPOINT [e]", (None, None, True), True),
        ("buildkit", "ENV A=1", (None, None, True), True),
        ("classic", "ENTRYPOINT [e]", (None, None, True), None),
        ("classic", "CMD [c]", (True, None, True), None),
        ("classic", "ENV A=1", (True, True, None), None),
    ],
)
def test_args_escaped(builder: Builder, ran: str, sides: tuple[Json, Json, Json], expected: Json) -> None:
    old, app, new = ({"ArgsEscaped": value} if value else {} for value in sides)
    assert merged(old, app, new, [ran], builder=builder).config.get("ArgsEscaped") == expected


SHELL: JsonObject = {"Shell": ["/bin/sh", "-e", "-c"]}
WRAPPED: JsonObject = {"Cmd": ["/bin/sh", "-e", "-c", "app"]}


@pytest.mark.parametrize(
    ("app", "new", "ran", "expected"),
    [
        ({**SHELL, **WRAPPED}, {"Shell": ["/bin/sh", "-x", "-c"]}, ["CMD x"], ["shell-form"]),
        ({**SHELL, **WRAPPED}, {}, ["CMD x"], ["shell-form"]),
        ({**SHELL, **WRAPPED}, SHELL, ["CMD x"], []),
        ({**SHELL, **WRAPPED}, {}, ["SHELL [/bin/sh -e -c]", "CMD x"], []),
        ({"Shell": ["/bin/bash"], **WRAPPED}, {}, ["CMD x", "SHELL [/bin/bash]"], ["shell-form"]),
        ({**SHELL, "Cmd": ["serve"]}, {}, ["CMD x"], []),
    ],
)
def test_a_command_in_the_old_base_s_shell_is_told(
    app: JsonObject, new: JsonObject, ran: list[str], expected: list[str]
) -> None:
    result = merged(SHELL, app, new, ran)
    assert [kind for kind in result.kinds if kind == "shell-form"] == expected


def test_a_command_of_both_bases_is_not_the_application_s_own() -> None:
    old: JsonObject = {"Cmd": ["/bin/sh", "-c", "x"]}
    assert merged(old, old, {**old, "Shell": ["/bin/bash", "-c"]}, ["ENV A=1"]).kinds == []
