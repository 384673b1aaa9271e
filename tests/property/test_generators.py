"""The generators make what the laws are about, and not just in passing."""

from collections import Counter
from collections.abc import Iterator

from hypothesis import given

from rebaser.oci.strict_json import Json, JsonObject
from tests.property.any_tool import HISTORIES, Found, found_images
from tests.property.examples import examples
from tests.property.rebasing import rebase
from tests.property.strategies import Scene, scenes
from tests.property.test_rebuild import excuses

_COUNT = 200


def test_a_tenth_of_all_images_has_each_oddity() -> None:
    counted: Counter[str] = Counter()

    @given(found_images())
    @examples(2 * _COUNT)
    def count(found: Found) -> None:
        counted.update({"all", *_oddities(found)})

    count()
    wanted = {f"history {kind}" for kind in HISTORIES} | {
        "doublet in Env",
        "Env entry without =",
        "null",
        "empty value",
        "value equal to the old base's",
        "value equal to the new base's alone",
        "no layers of its own",
    }
    rare = {name: counted[name] for name in wanted if counted[name] * 10 < counted["all"]}
    assert not rare


def test_most_of_docker_s_images_need_no_excuse() -> None:
    counted: Counter[str] = Counter()

    @given(scenes())
    @examples(_COUNT)
    def count(scene: Scene) -> None:
        old, app, new = scene.images
        conflicts = rebase(app, old, new).draft.conflicts
        counted.update(["all", "excused" if any(map(excuses, conflicts)) else "equal"])
        counted.update({type(line).__name__ for line in scene.written})
        counted.update({conflict.kind for conflict in conflicts} & {"both-changed", "set-again", "env-set-again"})

    count()
    assert counted["equal"] * 2 > counted["all"]
    assert not {name for name, number in counted.items() if number * 100 < counted["all"]}
    assert len(counted) == 14, counted


def _oddities(found: Found) -> Iterator[str]:
    yield from (f"history {kind}" for kind in found.histories)
    documents = [built.document for built in (found.old, found.app, found.new)]
    old, app, new = (_object(document.get("config")) for document in documents)
    entries = [_list(settings.get("Env")) for settings in (old, app, new)]
    names = [[str(entry).partition("=")[0] for entry in listed] for listed in entries]
    yield from ["doublet in Env"] if any(len(set(listed)) < len(listed) for listed in names) else []
    yield from ["Env entry without ="] if any("=" not in str(entry) for listed in entries for entry in listed) else []
    values = [value for settings in (old, app, new) for value in settings.values()]
    yield from ["null"] if None in values else []
    yield from ["empty value"] if any(value in ("", [], {}) for value in values) else []
    for key in app:
        if app.get(key):
            yield from ["value equal to the old base's"] if app[key] == old.get(key) else []
            yield from ["value equal to the new base's alone"] if old.get(key) != app[key] == new.get(key) else []
    yield from ["no layers of its own"] if found.app.layers == found.old.layers else []


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
