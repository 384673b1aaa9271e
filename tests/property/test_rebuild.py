"""The strongest law: a rebase is what `docker build` of the same lines gives on the new base."""

from collections.abc import Iterable

from hypothesis import event, given

from rebaser.oci.strict_json import Json, JsonObject, same
from rebaser.plan.model import Conflict
from tests.property.docker_build import Built
from tests.property.examples import examples
from tests.property.rebasing import Rebased, rebase
from tests.property.strategies import Scene, scenes

# What configs cannot tell: each of these conflicts excuses the one value that it names.
_EXCUSED = {
    "env-derived",
    "env-path-list",
    "inherited-user",
    "inherited-workingdir",
    "built-under-user",
    "built-under-workingdir",
    "shell-form",
    "user-becomes-root",
    "value-derived",
    "workdir-relative",
}
_ASIDE = {"created", "container", "container_config", "docker_version", "history", "config", "rootfs"}


def excuses(conflict: Conflict) -> bool:
    """Whether the conflict tells of something that configs cannot settle."""
    return conflict.kind in _EXCUSED


def rebased(scene: Scene) -> Rebased:
    old, app, new = scene.images
    return rebase(app, old, new)


@given(scenes())
@examples(300)
def test_a_rebase_is_a_rebuild(scene: Scene) -> None:
    result = rebased(scene)
    conflicts = result.draft.conflicts
    if any(conflict.kind == "onbuild-changed" for conflict in conflicts):
        event("excused: onbuild-changed")
        return
    excused = {(conflict.pointer, conflict.key) for conflict in conflicts if excuses(conflict)}
    event("excused: something" if excused else "excused: nothing")
    assert not any(conflict.kind == "history-unproved" for conflict in conflicts)
    assert same(result.document["history"], _history_of(scene))
    assert _differences(result.document, scene.rebuilt, excused) == []


def _history_of(scene: Scene) -> Json:
    """The new base's history and then the application's own: its texts hold values as they were in its own build."""
    old, app, new = (_list(built.document["history"]) for built in (scene.old, scene.app, scene.new))
    rebuilt = _list(scene.rebuilt.document["history"])[len(new) :]
    assert [_shape(entry) for entry in app[len(old) :]] == [_shape(entry) for entry in rebuilt]
    return [*new, *app[len(old) :]]


def _shape(entry: Json) -> JsonObject:
    return {key: value for key, value in _object(entry).items() if key != "created_by"}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _differences(result: JsonObject, rebuilt: Built, excused: Iterable[tuple[str, str]]) -> list[object]:
    expected = rebuilt.document
    pairs = [(key, result.get(key), expected.get(key)) for key in {**result, **expected} if key not in _ASIDE]
    ours, theirs = _object(result["config"]), _object(expected["config"])
    pairs += [(f"config/{key}", *_shown(key, ours, theirs, excused)) for key in {**ours, **theirs} if key != "Image"]
    found: list[object] = [pair for pair in pairs if not same(pair[1], pair[2])]
    ids = [layer.diff_id for layer in rebuilt.layers]
    return found + ([("layers", result["rootfs"])] if _object(result["rootfs"])["diff_ids"] != ids else [])


def _shown(key: str, ours: JsonObject, theirs: JsonObject, excused: Iterable[tuple[str, str]]) -> tuple[Json, Json]:
    if (f"/config/{key}", "") in excused:
        return None, None
    names = {name for pointer, name in excused if pointer == f"/config/{key}"}
    if key == "Env":
        return _named(ours.get(key), names), _named(theirs.get(key), names)
    if names:
        return None, None
    return ours.get(key, "absent"), theirs.get(key, "absent")


def _named(entries: Json, excused: set[str]) -> Json:
    listed = [str(entry) for entry in entries] if isinstance(entries, list) else []
    return [entry.partition("=")[0] if entry.partition("=")[0] in excused else entry for entry in listed]


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}
