import pytest

from rebaser.errors import InternalError
from rebaser.oci.strict_json import Json, JsonObject, Number, same, write
from rebaser.plan import patch as module
from rebaser.plan.patch import apply, difference


@pytest.mark.parametrize(
    ("before", "after", "operations"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {}, [{"op": "remove", "path": "/a"}]),
        ({}, {"b": 1, "a": 2}, [{"op": "add", "path": "/a", "value": 2}, {"op": "add", "path": "/b", "value": 1}]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [{"op": "replace", "path": "/a", "value": [1, 3]}]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {}}}, [{"op": "remove", "path": "/a/b/c"}]),
        ({"a": {}}, {"a": None}, [{"op": "replace", "path": "/a", "value": None}]),
        ({"a": 1}, {"a": True}, [{"op": "replace", "path": "/a", "value": True}]),
        ({"a": 1}, {"a": Number("1.0")}, [{"op": "replace", "path": "/a", "value": Number("1.0")}]),
        ({"a": 0}, {"a": False}, [{"op": "replace", "path": "/a", "value": False}]),
        ({"a": ""}, {"a": None}, [{"op": "replace", "path": "/a", "value": None}]),
    ],
)
def test_the_operations_say_what_changed(before: JsonObject, after: JsonObject, operations: list[JsonObject]) -> None:
    patch = difference(before, after)
    assert [write(operation) for operation in patch] == [write(operation) for operation in operations]
    assert same(apply(patch, before), after)


@pytest.mark.parametrize("key", ["~", "/", "~1", "a/b~c", "", "-", "0", " ", "ü", "%41"])
def test_a_key_may_be_anything(key: str) -> None:
    befores: list[JsonObject] = [{}, {key: 1}, {key: {key: [1]}}, {"x": {key: 1}}]
    for before in befores:
        for after in befores:
            assert same(apply(difference(before, after), before), after)


def test_removed_members_come_first_and_new_ones_last() -> None:
    patch = difference({"a": 1, "b": {"c": 1}, "d": 1}, {"b": {"c": 2}, "d": 1, "z": 1, "y": 1})
    assert [(operation["op"], operation["path"]) for operation in patch] == [
        ("remove", "/a"),
        ("replace", "/b/c"),
        ("add", "/y"),
        ("add", "/z"),
    ]


def test_the_original_stays_as_it_is() -> None:
    before: JsonObject = {"a": {"b": [1]}}
    apply(difference(before, {"a": {"b": [2], "c": 1}}), before)
    assert before == {"a": {"b": [1]}}


def test_a_number_keeps_its_spelling() -> None:
    after = apply(difference({"a": Number("1.50")}, {"a": Number("1.50"), "b": Number("1e3")}), {"a": Number("1.50")})
    assert write(after) == b'{"a":1.50,"b":1e3}'


def test_a_patch_that_does_not_lead_there_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_patch: tuple[JsonObject, ...], _document: JsonObject) -> dict[str, Json]:
        return {"a": Number("2.0")}

    monkeypatch.setattr(module, "apply", wrong)
    with pytest.raises(InternalError):
        difference({"a": 1}, {"a": 2})
