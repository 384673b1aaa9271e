"""What changes in a config, as people read it."""

import pytest

from rebaser.oci.strict_json import JsonObject
from rebaser.report.config_changes import ConfigChange, config_changes


def changes(before: JsonObject, after: JsonObject) -> list[tuple[str, str, str, object, object]]:
    found = config_changes({"config": before}, {"config": after})
    return [(change.change, change.member, change.key, change.before, change.after) for change in found]


def test_variables_by_name_labels_and_ports_by_key_others_whole() -> None:
    before: JsonObject = {"Env": ["A=1", "B=2"], "Labels": {"x": "1"}, "Cmd": ["a"], "ExposedPorts": {"80/tcp": {}}}
    after: JsonObject = {"Env": ["A=1", "B=3", "C="], "Labels": {"x": "1", "y": "2"}, "Cmd": ["b"]}
    assert changes(before, after) == [
        ("changed", "Env", "B", "2", "3"),
        ("added", "Env", "C", None, ""),
        ("added", "Labels", "y", None, "2"),
        ("changed", "Cmd", "", ["a"], ["b"]),
        ("removed", "ExposedPorts", "80/tcp", {}, None),
    ]


def test_a_mere_change_of_order_is_told_once() -> None:
    before: JsonObject = {"Env": ["A=1", "B=2"]}
    after: JsonObject = {"Env": ["B=2", "A=1"]}
    assert changes(before, after) == [("reordered", "Env", "", ["A=1", "B=2"], ["B=2", "A=1"])]


def test_a_variable_that_stood_twice_is_told_with_the_whole_list() -> None:
    assert changes({"Env": ["A=1", "A=1"]}, {"Env": ["A=1"]}) == [("changed", "Env", "", ["A=1", "A=1"], ["A=1"])]


def test_null_and_nothing_are_told_apart() -> None:
    assert changes({"Cmd": None, "Labels": None}, {}) == [
        ("removed", "Cmd", "", None, None),
        ("removed", "Labels", "", None, None),
    ]
    assert changes({"User": None}, {"User": ""}) == [("changed", "User", "", None, "")]
    assert changes({}, {"Cmd": None}) == [("added", "Cmd", "", None, None)]
    assert changes({"Labels": None}, {"Labels": {"a": "1"}}) == [("added", "Labels", "a", None, "1")]


def test_values_are_held_against_each_other_by_type_too() -> None:
    assert changes({"ArgsEscaped": True}, {"ArgsEscaped": 1}) == [("changed", "ArgsEscaped", "", True, 1)]


def test_members_beside_config_are_told_and_layers_and_history_are_not() -> None:
    before: JsonObject = {"os.version": "1", "rootfs": {"diff_ids": ["a"]}, "history": [], "created": "x"}
    after: JsonObject = {"os.version": "2", "rootfs": {"diff_ids": ["b"]}, "history": [{}], "created": "x"}
    assert config_changes(before, after) == (ConfigChange("changed", "os.version", "", "1", "2"),)


@pytest.mark.parametrize("odd", [{"Env": "x", "Labels": []}, {"Env": [1, None]}])
def test_a_config_of_another_form_is_no_crash(odd: JsonObject) -> None:
    config_changes({"config": odd}, {"config": {}})
