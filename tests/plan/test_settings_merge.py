"""Labels, ports, volumes, health check, shell, stop signal, triggers, and what no instruction sets."""

import pytest

from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.model import Wishes
from tests.plan.scene import Builder, merged, unproved

CLASSIC: JsonObject = {"Hostname": "", "Labels": None, "Volumes": None}


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
@pytest.mark.parametrize(
    ("ran", "key", "value", "other"),
    [
        ("LABEL a=1", "Labels", {"a": "1"}, {"a": "2"}),
        ("VOLUME [/o]", "Volumes", {"/o": {}}, {}),
        ("STOPSIGNAL SIGINT", "StopSignal", "SIGINT", "SIGTERM"),
        ("SHELL [/bin/bash -c]", "Shell", ["/bin/bash", "-c"], ["/bin/sh", "-c"]),
    ],
)
def test_an_instruction_that_repeats_the_old_base_s_value_wins(
    builder: Builder, ran: str, key: str, value: Json, other: Json
) -> None:
    result = merged({key: value}, {key: value}, {key: other} if other else {}, [ran], builder=builder)
    assert (result.config.get(key), result.kinds) == (value, ["set-again"])


@pytest.mark.parametrize(("builder", "ran"), [("classic", "EXPOSE 81"), ("buildkit", "EXPOSE map[81/tcp:{}]")])
def test_a_port_that_the_new_base_dropped_stays_if_the_application_exposed_it(builder: Builder, ran: str) -> None:
    old: JsonObject = {"ExposedPorts": {"81/tcp": {}, "82/tcp": {}}}
    result = merged(old, old, {"ExposedPorts": {"83/tcp": {}}}, [ran], builder=builder)
    assert result.config == {"ExposedPorts": {"81/tcp": {}, "83/tcp": {}}}
    assert result.told == [("set-again", "/config/ExposedPorts/81/tcp")]


def test_labels_merge_by_key() -> None:
    result = merged(
        {"Labels": {"a": "1", "b": "1", "gone": "1", "both": "1"}},
        {"Labels": {"a": "1", "b": "app", "gone": "1", "both": "app", "own": ""}},
        {"Labels": {"a": "2", "b": "1", "both": "new", "new": "1"}},
        ["LABEL b=app both=app own="],
    )
    assert result.config["Labels"] == {"a": "2", "b": "app", "both": "app", "own": "", "new": "1"}
    assert result.told == [("both-changed", "/config/Labels/both")]


def test_both_changed_a_label_and_the_base_is_to_win() -> None:
    result = merged(
        {"Labels": {"a": "1"}}, {"Labels": {"a": "2"}}, {"Labels": {"a": "3"}}, ["LABEL a=2"], wishes=Wishes("base")
    )
    assert (result.config["Labels"], result.kinds) == ({"a": "3"}, ["both-changed"])


def test_a_label_that_no_history_tells_of_merges_plainly() -> None:
    labels: JsonObject = {"Labels": {"from": "--label"}}
    assert merged({}, labels, {"Labels": {"n": "1"}}, ["ENV A=1"]).config["Labels"] == {"from": "--label", "n": "1"}


def test_an_empty_label_differs_from_none() -> None:
    assert merged({"Labels": {"a": ""}}, {"Labels": {"a": ""}}, {"Labels": {"b": "1"}}).config["Labels"] == {"b": "1"}


@pytest.mark.parametrize(("shape", "expected"), [(CLASSIC, {**CLASSIC}), ({}, {})])
def test_labels_that_are_gone_are_written_as_the_builder_writes_none(shape: JsonObject, expected: JsonObject) -> None:
    old: JsonObject = {**shape, "Labels": {"a": "1"}}
    builder: Builder = "classic" if shape else "buildkit"
    assert merged(old, old, shape, ["ENV A=1"], builder=builder).config == expected


def test_ports_that_are_gone_are_left_out_by_both_builders() -> None:
    old: JsonObject = {**CLASSIC, "ExposedPorts": {"80/tcp": {}}}
    assert merged(old, old, CLASSIC, ["ENV A=1"], builder="classic").config == CLASSIC


@pytest.mark.parametrize("empty", [None, {}, "absent"])
def test_an_emptiness_of_the_application_stays_as_it_is(empty: Json) -> None:
    app: JsonObject = {} if empty == "absent" else {"Volumes": empty}
    assert merged({}, app, {"Volumes": None}).config == app


def test_an_untouched_base_s_members_come_in_a_fixed_order() -> None:
    result = merged({}, {"User": "me"}, {"Labels": {"z": "1", "a": "1"}, "ExposedPorts": {"9/tcp": {}, "10/tcp": {}}})
    assert list(result.config) == ["User", "ExposedPorts", "Labels"]
    assert [*result.config["Labels"], *result.config["ExposedPorts"]] == ["a", "z", "10/tcp", "9/tcp"]  # type: ignore[misc]  # objects


# Healthcheck: the measured rows, in seconds


def health(test: str, *times: int) -> JsonObject:
    names = ("Interval", "Timeout", "StartPeriod", "Retries")
    told: JsonObject = {name: time for name, time in zip(names, times, strict=False) if time}
    return {"Healthcheck": {"Test": [test], **told}}


GIVEN = """HEALTHCHECK &{["CMD-SHELL" "app"] "1s" "0s" "0s" '\\x00'}"""
NONE = """HEALTHCHECK &{["NONE"] "0s" "0s" "0s" '\\x00'}"""
RETRIES = """HEALTHCHECK &{["CMD-SHELL" "] \\"x\\""] "0s" "0s" "0s" ']'}"""
NEWER = """HEALTHCHECK &{["CMD-SHELL" "x"] "0s" "0s" "1s" "2s" '\\x00'}"""


@pytest.mark.parametrize(
    ("ran", "app", "new", "expected"),
    [
        ([GIVEN], health("app", 1, 6, 7, 8), health("new", 15, 16, 17, 18), health("app", 1, 16, 17, 18)),
        ([NONE], health("NONE", 5, 6, 7, 8), health("new", 15, 16, 17, 18), health("NONE", 15, 16, 17, 18)),
        ([GIVEN], health("app", 1, 6, 7, 8), {}, health("app", 1)),
        ([GIVEN.replace("1s", "5s")], health("app", 5, 6, 7, 8), health("n", 15), health("app", 5)),
        ([GIVEN.replace("1s", "5s"), NONE], health("NONE", 5, 6, 7, 8), health("n", 9, 9), health("NONE", 5, 9)),
        ([RETRIES], health("x", 5, 6, 7, 93), health("n", 9, 9, 9, 9), health("x", 9, 9, 9, 93)),
        ([NEWER], health("x", 5, 6, 1, 8), health("n", 9, 9, 9, 9), health("x", 9, 9, 1, 9)),
    ],
)
def test_the_classic_builder_s_healthcheck_inherits_what_is_not_given(
    ran: list[str], app: JsonObject, new: JsonObject, expected: JsonObject
) -> None:
    assert merged(health("old", 5, 6, 7, 8), app, new, ran, builder="classic").config == expected


def test_the_classic_builder_s_healthcheck_inherits_from_a_base_that_had_none_before() -> None:
    result = merged({}, health("app", 1), health("new", 15, 16), [GIVEN], builder="classic")
    assert result.config == health("app", 1, 16)


def test_buildkit_s_healthcheck_is_whole() -> None:
    result = merged(health("old", 5, 6), health("app", 1), health("new", 15, 16), [GIVEN])
    assert (result.config, result.kinds) == (health("app", 1), ["both-changed"])


def test_an_inherited_healthcheck_follows_the_base() -> None:
    assert merged(health("old", 5), health("old", 5), health("new", 6), ["ENV A=1"]).config == health("new", 6)
    assert merged(health("old", 5), health("old", 5), {}, ["ENV A=1"], builder="classic").config == {}


def test_without_history_a_healthcheck_merges_by_option() -> None:
    result = unproved(health("old", 5, 6, 7), health("app", 1, 6, 7), health("new", 15, 16, 7))
    assert result.config == health("app", 1, 16, 7)


# Triggers, odd keys, derived values


def test_triggers_of_both_bases_alike_are_nothing_to_tell() -> None:
    result = merged({"OnBuild": ["RUN x"]}, {"OnBuild": None}, {"OnBuild": ["RUN x"]}, ["RUN x"])
    assert (result.config, result.kinds) == ({"OnBuild": None}, [])


@pytest.mark.parametrize(("old", "new"), [(["RUN x"], None), (None, ["RUN x"]), (["RUN x"], ["RUN y"])])
def test_triggers_that_differ_block_and_the_application_keeps_its_own(old: Json, new: Json) -> None:
    result = merged({"OnBuild": old}, {"OnBuild": ["COPY mine"]}, {"OnBuild": new})
    assert (result.config, result.told) == ({"OnBuild": ["COPY mine"]}, [("onbuild-changed", "/config/OnBuild")])


@pytest.mark.parametrize("empty", [None, []])
def test_no_triggers_are_no_triggers(empty: Json) -> None:
    assert merged({"OnBuild": empty}, {}, {}).kinds == []


@pytest.mark.parametrize(
    ("builder", "key", "value", "expected"),
    [
        ("buildkit", "StopTimeout", 7, 7),
        ("buildkit", "Hostname", "h", None),
        ("buildkit", "X-Unknown", {"a": 1}, None),
        ("classic", "Hostname", "h", "h"),
        ("classic", "MacAddress", "02:42", "02:42"),
        ("classic", "Memory", 5, None),
        ("classic", "OpenStdin", True, None),
    ],
)
def test_a_key_of_the_new_base_comes_if_the_builder_hands_it_down(
    builder: Builder, key: str, value: Json, expected: Json
) -> None:
    assert merged({}, {}, {key: value}, ["ENV A=1"], builder=builder).config.get(key) == expected


def test_without_history_an_unknown_key_merges_plainly() -> None:
    old: JsonObject = {"X": 1, "Y": 1, "Z": 1}
    result = unproved(old, {**old, "Y": 2, "Z": 2}, {"X": {"new": True}, "Y": 1, "Z": 3})
    assert result.config == {"X": {"new": True}, "Y": 2, "Z": 2}
    assert ("both-changed", "/config/Z") in result.told


def test_the_id_of_the_parent_in_the_build_goes() -> None:
    assert merged({"Image": "o"}, {"Image": "a", "User": "me"}, {"Image": "n"}).config == {"User": "me"}


@pytest.mark.parametrize(
    ("ran", "own", "told"),
    [
        ("LABEL l=on 8080", {"Labels": {"l": "on 8080"}}, "/config/Labels/l"),
        ("EXPOSE 8080", {"ExposedPorts": {"8080/tcp": {}}}, "/config/ExposedPorts/8080/tcp"),
        ("VOLUME [/data]", {"Volumes": {"/data": {}}}, "/config/Volumes//data"),
        ("WORKDIR /data/x", {"WorkingDir": "/data/x"}, "/config/WorkingDir"),
        ("USER person", {"User": "person"}, "/config/User"),
        ("STOPSIGNAL SIGINT", {"StopSignal": "SIGINT"}, "/config/StopSignal"),
    ],
)
def test_a_value_that_may_have_been_written_with_a_variable_of_the_base_is_told(
    ran: str, own: JsonObject, told: str
) -> None:
    old: JsonObject = {"Env": ["PATH=/bin", "P=8080", "D=/data", "U=person", "S=SIGINT"]}
    new: JsonObject = {"Env": ["PATH=/bin", "P=9090", "D=/other", "U=other", "S=SIGTERM"]}
    assert merged(old, {**old, **own}, new, [ran, "COPY a /a"]).told == [("value-derived", told)]
    assert merged(old, {**old, **own}, old, [ran, "COPY a /a"]).told == []


def test_a_value_of_the_base_that_holds_another_is_not_the_application_s() -> None:
    old: JsonObject = {"Env": ["PATH=/bin", "P=8080"], "ExposedPorts": {"8080/tcp": {}}, "Labels": {"p": "8080"}}
    new: JsonObject = {"Env": ["PATH=/bin", "P=9090"], "ExposedPorts": {"9090/tcp": {}}, "Labels": {"p": "9090"}}
    result = merged(old, old, new, ["ENV A=1"])
    assert (result.config, result.kinds) == (new, [])
