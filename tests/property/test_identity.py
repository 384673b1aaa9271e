"""I-1 and I-2: nothing happens to an image whose base is the new one; a base rebased is the other base."""

from hypothesis import given

from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.oci.strict_json import Json, JsonObject, same
from rebaser.plan.config_merge import is_build_key
from rebaser.plan.draft import why_current
from rebaser.plan.model import Weight
from tests.property.any_tool import Found, found_images
from tests.property.examples import examples
from tests.property.rebasing import Rebased, base_of, rebase
from tests.property.strategies import Scene, scenes


@given(found_images())
@examples(150)
def test_any_image_is_current_on_its_own_base(found: Found) -> None:
    old, app, _ = found.images
    assert why_current(app, base_of(old), None, base_of(old))


@given(scenes())
@examples(150)
def test_what_docker_built_is_current_on_its_own_base_though_nobody_names_it(scene: Scene) -> None:
    old, app, _ = scene.images
    assert why_current(app, base_of(old), None, None)


@given(found_images())
@examples(200)
def test_a_base_rebased_onto_another_is_the_other(found: Found) -> None:
    old, _, new = found.images
    result = rebase(old, old, new)
    assert result.image.diff_ids == new.diff_ids
    assert [layer.descriptor.digest for layer in result.image.layers] == [
        layer.descriptor.digest for layer in new.layers
    ]
    assert _meaning(result.document, result) == _meaning(found.new.document, result)


@given(scenes())
@examples(100)
def test_a_base_of_docker_rebased_onto_another_is_the_other(scene: Scene) -> None:
    old, _, new = scene.images
    result = rebase(old, old, new)
    assert _meaning(result.document, result) == _meaning(scene.new.document, result)
    assert same(result.document["history"], scene.new.document["history"])


def _meaning(document: JsonObject, result: Rebased) -> JsonObject:
    """What the document says, without what a blocker holds back, what describes a build, and the record of the base."""
    blocked = {c.pointer for c in result.draft.conflicts if c.weight is Weight.BLOCKER}
    settings = document.get("config")
    kept: JsonObject = {
        key: _without_record(value)
        for key, value in (settings if isinstance(settings, dict) else {}).items()
        if value and key != "Image" and f"/config/{key}" not in blocked
    }
    aside = ("created", "docker_version", "history", "config")
    top = {key: value for key, value in document.items() if value and key not in aside and not is_build_key(key)}
    return {**top, "config": kept}


def _without_record(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {key: member for key, member in value.items() if key not in (BASE_DIGEST, BASE_NAME)}
