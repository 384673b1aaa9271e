"""Case 47: documents of unusual form or size, and what no engine could run."""

import base64
import hashlib
import json

import pytest

from rebaser.decide import Outcome
from rebaser.errors import ImageError, RebaserError
from rebaser.oci.digest import Digest
from rebaser.oci.strict_json import JsonObject
from rebaser.request import Policy
from tests.builders import AnEntry, AnImage, a_layer, an_image, an_index, compact
from tests.runs import NEW, OLD, OWN, World, blobs, built_on, layers_of, outcome, refused

MOVED = [layer.digest for layer in (*NEW, *OWN)]


def put_bases(world: World) -> AnImage:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW))
    return old


def fails(world: World, code: str, **wishes: str) -> RebaserError:
    """Assert that a run ends in this error before it has written anything."""
    state, written = world.state(), world.pushed
    with pytest.raises(RebaserError) as caught:
        world.rebase("app:1", new="base:2", old="base:1", **wishes)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert world.state() == state
    assert world.pushed == written
    return caught.value


def sha512(content: bytes) -> Digest:
    return Digest(f"sha512:{hashlib.sha512(content).hexdigest()}")


def test_case_47_an_application_under_sha512_digests(registry: World) -> None:
    """Layers and config of the application have other digests than sha256; the index names it by sha512."""
    old = put_bases(registry)
    app = built_on(old)
    manifest = json.loads(app.content)
    for blob, content in zip([manifest["config"], *manifest["layers"]], [app.config, *(x.content for x in app.layers)]):  # noqa: B905
        blob["digest"] = sha512(content)
        registry.fake.put_blob("app", content, "sha512")
    content = compact(manifest)
    registry.fake.put_manifest("app", None, content, app.media_type, "sha512")
    entry: JsonObject = {"mediaType": app.media_type, "size": len(content), "digest": sha512(content)}
    index = compact({"schemaVersion": 2, "mediaType": an_index([]).media_type, "manifests": [entry]})
    registry.fake.put_manifest("app", "1", index, an_index([]).media_type)
    registry.rebase("app:1", new="base:2", old="base:1")
    (moved,) = registry.children("app:1")
    assert blobs(moved) == [*MOVED[:3], *(sha512(layer.content) for layer in OWN)]


def test_case_47_data_fields_are_kept_for_what_stays_and_go_with_what_changes(world: World) -> None:
    old = put_bases(world)
    app = built_on(old, OWN[:1])
    manifest = json.loads(app.content)
    manifest["config"]["data"] = base64.b64encode(app.config).decode()
    manifest["layers"][2]["data"] = base64.b64encode(OWN[0].content).decode()
    manifest["layers"][2]["annotations"] = {"title": "own"}
    app = an_image(app.layers, config_members=json.loads(app.config), manifest_members=manifest)
    entry = AnEntry(app, None, None, {"data": base64.b64encode(app.content).decode()})
    world.put("app:1", an_index([entry]))
    world.rebase("app:1", new="base:2", old="base:1")
    (moved,) = world.children("app:1")
    assert "data" not in moved.manifest.view.config.raw
    assert "data" not in world.index("app:1").view.manifests[0].raw
    assert moved.layers[3].descriptor.raw == manifest["layers"][2]


def test_case_47_a_config_that_is_larger_than_accepted(world: World) -> None:
    old = put_bases(world)
    world.put("app:1", built_on(old, config_members={"vendor": "x" * (8 * 1024 * 1024)}))
    assert "that are accepted" in fails(world, "too-large").message


def test_case_47_a_manifest_that_would_be_larger_than_registries_take(world: World) -> None:
    """The original fits barely; the new base brings one more layer, with long annotations."""
    old = an_image(OLD[:1])
    padding = {"padding": "x" * (4 * 1024 * 1024 - 2000)}
    world.put("base:1", old)
    world.put("base:2", an_image(layers_of(*map(str, range(20)))))
    world.put("app:1", built_on(old, annotations=padding))
    assert "that registries take" in fails(world, "too-large").message


def test_case_47_nested_indexes_keep_their_structure(world: World) -> None:
    amd, arm = an_image(OLD), an_image(layers_of("arm"), platform="linux/arm64")
    new_arm = an_image(layers_of("new arm"), platform="linux/arm64")
    world.put("base:1", an_index([an_index([amd]), arm]))
    world.put("base:2", an_index([an_index([an_index([new_arm])]), an_image(NEW)]))
    world.put("app:1", an_index([an_index([built_on(amd), an_index([built_on(arm)])]), built_on(amd)]))
    run = world.rebase("app:1", new="base:2", old="base:1")
    assert [plan.path for plan in run.plans] == [(0, 0), (0, 1, 0), (1,)]
    outer = world.index("app:1")
    inner = world.index(f"app@{outer.view.manifests[0].digest}")
    (deep,) = world.children(f"app@{inner.view.manifests[1].digest}")
    assert blobs(deep)[0] == new_arm.layers[0].digest
    assert blobs(world.image(f"app@{inner.view.manifests[0].digest}")) == MOVED
    assert outer.view.manifests[1].digest == inner.view.manifests[0].digest


def test_case_47_indexes_nested_too_deep(world: World) -> None:
    old = put_bases(world)
    world.put("app:1", an_index([an_index([an_index([an_index([built_on(old)])])])]))
    assert "nested more than 3 levels deep" in fails(world, "document-invalid").message


def test_case_47_an_index_without_any_image(world: World) -> None:
    put_bases(world)
    world.put("app:1", an_index([]))
    fails(world, "not-an-image")


def test_case_47_an_artifact_is_not_rebased(world: World) -> None:
    put_bases(world)
    chart = an_image([a_layer({"chart": ""}, media_type="application/vnd.cncf.helm.chart.content.v1.tar+gzip")])
    config = {**chart.config_descriptor.raw, "mediaType": "application/vnd.cncf.helm.config.v1+json"}
    world.put("app:1", an_image(chart.layers, manifest_members={"config": config}))
    assert "helm.config" in fails(world, "not-an-image").message


def test_case_47_a_referrer_is_not_rebased(world: World) -> None:
    old = put_bases(world)
    world.put("app:1", built_on(old, manifest_members={"subject": dict(old.descriptor.raw)}))
    fails(world, "not-an-image")


@pytest.mark.parametrize("which", ["app:1", "base:2"])
@pytest.mark.parametrize(
    "media_type",
    ["application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "application/vnd.wasm.content.layer.v1+wasm"],
)
def test_case_47_encrypted_and_other_layers_are_refused(world: World, which: str, media_type: str) -> None:
    old = put_bases(world)
    strange = a_layer({"secret": ""}, media_type=media_type)
    world.put("app:1", built_on(old, [strange] if which == "app:1" else OWN))
    if which == "base:2":
        world.put("base:2", an_image([strange]))
    assert media_type in fails(world, "layer-unsupported").message


@pytest.mark.parametrize("policy", [Policy(), Policy("force"), Policy(tolerate={"too-many-layers": "mine can"})])
def test_case_47_more_layers_than_an_engine_stacks_are_refused(world: World, policy: Policy) -> None:
    old = an_image(OLD)
    many = layers_of(*map(str, range(128)))
    world.put("base:1", old)
    world.put("base:2", an_image(many))
    world.put("app:1", built_on(old))
    state = world.state()
    run = world.rebase("app:1", new="base:2", old="base:1", policy=policy)
    assert refused(run) == ["too-many-layers"]
    assert run.decision is not None
    assert "130 layers" in run.decision.because
    assert world.state() == state


def test_case_47_as_many_layers_as_an_engine_stacks(world: World) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image(layers_of(*map(str, range(123)))))
    world.put("app:1", built_on(old))
    assert outcome(world.rebase("app:1", new="base:2", old="base:1")) is Outcome.REBASE
    assert len(blobs(world.image("app:1"))) == 125


def test_case_47_a_manifest_without_media_type_gets_one(world: World) -> None:
    old = put_bases(world)
    app = built_on(old)
    bare = {key: value for key, value in json.loads(app.content).items() if key != "mediaType"}
    world.put(
        "app:1", AnImage(compact(bare), app.media_type, app.config, app.config_media_type, app.layers, app.platform)
    )
    world.rebase("app:1", new="base:2", old="base:1")
    assert world.image("app:1").manifest.document.json["mediaType"] == "application/vnd.oci.image.manifest.v1+json"


def test_case_47_unknown_members_of_the_documents_survive(world: World) -> None:
    old = put_bases(world)
    app = built_on(old, manifest_members={"x.vendor": {"b": 1, "a": [2.50]}})
    world.put("app:1", an_index([AnEntry(app, None, None, {"x.entry": 1})], members={"x.index": [1]}))
    world.rebase("app:1", new="base:2", old="base:1")
    index = world.index("app:1")
    assert index.document.json["x.index"] == [1]
    assert index.view.manifests[0].raw["x.entry"] == 1
    assert b'"x.vendor":{"b":1,"a":[2.5]}' in world.children("app:1")[0].manifest.document.content


def test_case_47_manifest_and_config_that_do_not_belong_together(world: World) -> None:
    old = put_bases(world)
    app = built_on(old)
    layers = json.loads(app.content)["layers"]
    world.put("app:1", an_image(app.layers, manifest_members={"layers": layers[1:]}))
    with pytest.raises(ImageError, match="has 3 layers, its config 4 diff IDs"):
        world.rebase("app:1", new="base:2", old="base:1")
