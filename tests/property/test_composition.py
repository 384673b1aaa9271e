"""I-3 and I-5: there and back is where it was, and two steps are as good as one; unless a conflict says otherwise."""

from collections.abc import Iterable

from hypothesis import event, given

from rebaser.oci.strict_json import Json, JsonObject, same
from rebaser.plan.config_merge import is_build_key
from rebaser.plan.model import Conflict
from tests.property.any_tool import Found, found_images
from tests.property.docker_build import DEFAULT_PATH
from tests.property.examples import examples
from tests.property.rebasing import Rebased, image_of, rebase
from tests.property.strategies import Scene, scenes
from tests.property.test_rebuild import excuses


@given(scenes())
@examples(150)
def test_there_and_back_is_where_it_was(scene: Scene) -> None:
    old, app, new = scene.images
    there = rebase(app, old, new)
    back = rebase(there.image, new, old)
    if not _excused(there, back):
        assert same(_content(back.document), _content(scene.app.document))


@given(scenes())
@examples(150)
def test_two_steps_are_as_good_as_one(scene: Scene) -> None:
    old, app, new = scene.images
    between = image_of(scene.between)
    halfway = rebase(app, old, between)
    whole = rebase(halfway.image, between, new)
    direct = rebase(app, old, new)
    if not _excused(halfway, whole, direct):
        assert same(_content(whole.document), _content(direct.document))


@given(found_images())
@examples(300)
def test_what_does_not_come_back_was_told(found: Found) -> None:
    old, app, new = found.images
    there = rebase(app, old, new)
    back = rebase(there.image, new, old)
    before, after = _values(found.app.document), _values(back.document)
    lost = {key for key in {**before, **after} if not same(before.get(key), after.get(key))}
    told = _conflicts((there, back))
    event("told" if told else "untold")
    assert told or lost <= _nobodys(found)


def _nobodys(found: Found) -> set[str]:
    """Members that the application has like the new base and unlike the old one: nothing tells whose they are."""
    old, app, new = (_values(built.document) for built in (found.old, found.app, found.new))
    return {key for key in {**app, **old} if not same(app.get(key), old.get(key)) and _overlaps(app, old, new, key)}


def _overlaps(app: JsonObject, old: JsonObject, new: JsonObject, key: str) -> bool:
    """Whether the two agree in the member, or in a key of it, or in a variable."""
    mine, before, theirs = _parts(app.get(key)), _parts(old.get(key)), _parts(new.get(key))
    return any(
        same(mine.get(name), theirs.get(name)) and not same(mine.get(name), before.get(name))
        for name in {**mine, **before, **theirs}
    )


def _parts(value: Json) -> JsonObject:
    if isinstance(value, list):
        return dict.fromkeys(map(str, value), True)
    return value if isinstance(value, dict) else {"": value}


def _values(document: JsonObject) -> JsonObject:
    """What the document's members say: an empty one is as good as none; history may have been mended.

    A builder adds the default PATH where there is none, so it may come in between.
    """
    settings = document.get("config")
    members = {f"config/{key}": value for key, value in (settings if isinstance(settings, dict) else {}).items()}
    env = members.get("config/Env")
    members["config/Env"] = [entry for entry in env if entry != DEFAULT_PATH] if isinstance(env, list) else None
    meaning_nothing = {"config/WorkingDir": ("/",), "config/User": ("root", "0")}
    members = {key: value for key, value in members.items() if value not in meaning_nothing.get(key, ())}
    aside = ("config", "created", "history", "os.version", "config/Image")
    top = {key: value for key, value in document.items() if not is_build_key(key)}
    return {key: value for key, value in {**top, **members}.items() if value and key not in aside}


def _excused(*steps: Rebased) -> bool:
    excused = any(conflict.kind == "onbuild-changed" or excuses(conflict) for conflict in _conflicts(steps))
    event("excused" if excused else "equal")
    return excused


def _conflicts(steps: Iterable[Rebased]) -> list[Conflict]:
    return [conflict for step in steps for conflict in step.draft.conflicts]


def _content(document: JsonObject) -> JsonObject:
    """The document without what describes a build, and without its time."""
    settings = document.get("config")
    kept = {key: value for key, value in (settings if isinstance(settings, dict) else {}).items() if key != "Image"}
    return {key: value for key, value in document.items() if key != "created" and not is_build_key(key)} | {
        "config": kept
    }
