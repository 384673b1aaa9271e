"""I-6, I-8, I-9, I-10: the patch is true, layers and history fit together, and what is not touched keeps its bytes."""

import copy

from hypothesis import given

from rebaser.oci.document import MAX_CONFIG, parse_document
from rebaser.oci.image import Image
from rebaser.oci.strict_json import Json, JsonObject, parse, same, write
from rebaser.plan.patch import apply
from tests.property.any_tool import Found, found_images
from tests.property.examples import examples
from tests.property.rebasing import Rebased, rebase
from tests.property.strategies import Scene, scenes


@given(found_images())
@examples(200)
def test_any_result_fits_together(found: Found) -> None:
    old, app, new = found.images
    _assert_fits(rebase(app, old, new), found.app.document, old, app, new)


@given(scenes())
@examples(100)
def test_what_docker_built_fits_together(scene: Scene) -> None:
    old, app, new = scene.images
    _assert_fits(rebase(app, old, new), scene.app.document, old, app, new)


@given(found_images())
@examples(50)
def test_a_document_that_is_read_and_written_keeps_its_bytes(found: Found) -> None:
    for image in found.images:
        for document in (image.config.document, image.manifest.document):
            assert write(parse(document.content, MAX_CONFIG)) == document.content


@given(found_images())
@examples(50)
def test_what_is_merged_leaves_its_inputs_alone(found: Found) -> None:
    old, app, new = found.images
    before = [image.config.document.content for image in (old, app, new)]
    rebase(app, old, new)
    assert [write(image.config.document.json) for image in (old, app, new)] == before


def _assert_fits(result: Rebased, original: JsonObject, old: Image, app: Image, new: Image) -> None:
    patch, document = result.draft.patch, result.document
    assert same(apply(patch, original), document)
    assert same(_applied(patch, original), document)
    above = app.layers[len(old.layers) :]
    assert result.image.diff_ids == (*new.diff_ids, *(layer.diff_id for layer in above))
    digests = [layer.descriptor.digest for layer in result.image.layers]
    assert digests == [layer.descriptor.digest for layer in (*new.layers, *above)]
    told = sum(not entry.is_empty for entry in result.image.config.history)
    assert told == len(digests) or not result.image.config.history
    assert parse_document("", result.image.config.document.content, MAX_CONFIG).json == document


def _applied(patch: tuple[JsonObject, ...], document: JsonObject) -> JsonObject:
    """RFC 6902, as far as `add`, `remove` and `replace` of members go; written apart from the library on purpose."""
    result = copy.deepcopy(document)
    for operation in patch:
        assert operation.keys() == ({"op", "path"} if operation["op"] == "remove" else {"op", "path", "value"})
        *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in str(operation["path"]).split("/")[1:]]
        place: Json = result
        for part in parents:
            assert isinstance(place, dict)
            place = place[part]
        assert isinstance(place, dict)
        assert (last in place) == (operation["op"] != "add")
        if operation["op"] == "remove":
            del place[last]
        else:
            place[last] = operation["value"]
    return result
