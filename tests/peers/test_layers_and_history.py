"""Cases 20 to 25 and 28 to 30: which layers are whose, whatever history and compression say."""

import json
from collections.abc import Mapping

import pytest

from rebaser.decide import Outcome
from rebaser.errors import ImageError
from rebaser.oci import media_types
from rebaser.oci.strict_json import Json, JsonObject
from tests.builders import ALayer, AnImage, a_layer, an_image, an_index, buildkit, classic, gzipped
from tests.runs import (
    NEW,
    OLD,
    OWN,
    World,
    blobs,
    built_on,
    env,
    found,
    labels,
    layers_of,
    notices,
    outcome,
    recorded,
    refused,
    settings,
    steps,
)

MOVED = [layer.digest for layer in (*NEW, *OWN)]


def rebased(world: World, old: AnImage, app: AnImage, new: AnImage) -> None:
    world.put("base:1", old)
    world.put("base:2", new)
    world.put("app:1", app)
    assert outcome(world.rebase("app:1", new="base:2", old="base:1")) is Outcome.REBASE


@pytest.mark.parametrize("own", [1, 2])
def test_case_20_app_without_history_keeps_all_its_layers(world: World, own: int) -> None:
    app = an_image([*OLD, *OWN[:own]], history=None)
    rebased(world, an_image(OLD), app, an_image(NEW))
    assert blobs(world.image("app:1")) == MOVED[: 3 + own]
    assert len(world.image("app:1").config.history) == 3 + own


def test_case_20_nobody_has_history(world: World) -> None:
    rebased(world, an_image(OLD, history=None), an_image([*OLD, *OWN], history=None), an_image(NEW, history=None))
    assert blobs(world.image("app:1")) == MOVED
    assert "history" not in world.image("app:1").config.document.json


@pytest.mark.parametrize("given", [None, []])
def test_case_20_history_null_or_empty_is_none(world: World, given: list[Json] | None) -> None:
    app = an_image([*OLD, *OWN], config_members={"history": given})
    rebased(world, an_image(OLD), app, an_image(NEW))
    assert blobs(world.image("app:1")) == MOVED


def test_case_21_old_base_without_history_leaves_nothing_of_it_behind(world: World) -> None:
    app = an_image([*OLD, *OWN])
    rebased(world, an_image(OLD, history=None), app, an_image(NEW))
    assert blobs(world.image("app:1")) == MOVED


def test_case_21_a_buildkit_app_on_a_base_without_history_has_placeholders(world: World) -> None:
    old = an_image(OLD, history=None)
    missing: JsonObject = {"created": "2024-01-02T03:04:05Z", "comment": "buildkit.exporter.image.v0"}
    history = [buildkit("COPY own-0 / "), buildkit("COPY own-1 / "), missing, missing]
    rebased(world, old, an_image([*OLD, *OWN], history=history), an_image(NEW))
    app = world.image("app:1")
    assert blobs(app) == MOVED
    assert steps(app)[3:] == ["COPY own-0 /  # buildkit", "COPY own-1 /  # buildkit"]


@pytest.mark.parametrize(
    "history",
    [
        [buildkit("RUN all of it")],
        [classic("ENV A=1"), classic("ENV B=1"), *(buildkit(f"RUN {number}") for number in range(4))],
        [*(classic("ENV A=1") for _ in range(9)), *(buildkit(f"RUN {number}") for number in range(4))],
        [buildkit("RUN 4"), buildkit("RUN 3"), buildkit("RUN 2"), buildkit("RUN 1")],
        [classic("ENV A=1")],
    ],
    ids=["one entry", "leading empty entries", "more empty entries", "another order", "only empty entries"],
)
def test_case_21_history_of_another_shape_changes_no_layer(world: World, history: list[JsonObject]) -> None:
    rebased(world, an_image(OLD), an_image([*OLD, *OWN], history=history), an_image(NEW))
    assert blobs(world.image("app:1")) == MOVED


def test_case_21_rewritten_timestamps_prove_as_much_as_the_original_ones(world: World) -> None:
    old = an_image(OLD, labels={"version": "1"})
    inherited = [{**entry, "created": "1970-01-01T00:00:00Z"} for entry in json.loads(old.config)["history"]]
    own = [buildkit("COPY a / "), buildkit("COPY b / "), buildkit("LABEL version=1")]
    app = an_image([*OLD, *OWN], labels={"version": "1"}, history=[*inherited, *own])
    rebased(world, old, app, an_image(NEW, labels={"version": "2"}))
    assert blobs(world.image("app:1")) == MOVED
    assert labels(world.image("app:1")) == {"version": "1"}  # the application set it itself: history proves that


@pytest.mark.parametrize(
    "change",
    [{"created": None}, {"author": "someone"}, {"comment": "else"}, {"created_by": "RUN the same"}, {"x.vendor": [1]}],
    ids=str,
)
def test_case_22_history_entries_without_dates_equal_ones_and_other_comments(
    world: World, change: Mapping[str, Json]
) -> None:
    def told(image: AnImage) -> list[JsonObject]:
        entries = [{**entry, **change} for entry in json.loads(image.config)["history"]]
        return [{key: value for key, value in entry.items() if value is not None} for entry in entries]

    old, new = an_image(OLD), an_image(NEW)
    old, new = an_image(OLD, history=told(old)), an_image(NEW, history=told(new))
    app = built_on(old)
    rebased(world, old, an_image([*OLD, *OWN], history=told(app)), new)
    assert blobs(world.image("app:1")) == MOVED
    assert len(steps(world.image("app:1"))) == 5


def recompressed(layer: ALayer, to: str) -> ALayer:
    tar = layer.content[15:-8]  # what `gzipped` stored, one block
    assert gzipped(tar) == layer.content
    if to == "plain":
        return ALayer(tar, media_types.OCI_LAYER, layer.diff_id)
    if to == "zstd":
        return a_layer({f"{name_of(tar)}/file": name_of(tar)}, compression="zstd")
    return ALayer(layer.content + gzipped(b""), media_types.OCI_LAYER_GZIP, layer.diff_id)


def name_of(tar: bytes) -> str:
    return tar[:100].rstrip(b"\0").decode().removesuffix("/file")


@pytest.mark.parametrize("to", ["gzip", "plain", "zstd"])
def test_case_23_recompressed_base_layers_prove_the_base(world: World, to: str) -> None:
    pushed = [recompressed(layer, to) for layer in OLD]
    assert [layer.diff_id for layer in pushed] == [layer.diff_id for layer in OLD]
    assert not {layer.digest for layer in pushed} & {layer.digest for layer in OLD}
    rebased(world, an_image(OLD), an_image([*pushed, *OWN]), an_image(NEW))
    assert blobs(world.image("app:1")) == MOVED


def test_case_23_the_new_bases_blobs_for_the_base_and_the_apps_own_for_the_app(world: World) -> None:
    shared, own = OLD[0], recompressed(OWN[0], "gzip")
    app = an_image([recompressed(shared, "gzip"), OLD[1], own])
    rebased(world, an_image(OLD), app, an_image([shared, *NEW]))
    assert blobs(world.image("app:1")) == [layer.digest for layer in (shared, *NEW, own)]


def test_case_24_other_diff_ids_are_refused_with_the_advice_to_rebuild(world: World) -> None:
    world.put("base:1", an_image(OLD))
    world.put("base:2", an_image(NEW))
    world.put("app:1", an_image([a_layer({"old-1/file": "old-1", "old-2/file": "old-2", "own": ""})]))
    run = world.rebase("app:1", new="base:2", old="base:1")
    assert refused(run) == ["not-descended"]
    assert run.decision is not None
    assert "must be rebuilt" in run.decision.blocking[0].remedy


def test_case_25_an_app_without_layers_of_its_own(world: World) -> None:
    old = an_image(OLD, env=["PATH=/bin", "V=1"])
    app = built_on(old, [], config={"Env": ["PATH=/bin", "V=1", "A=1"], "Cmd": ["app"]})
    rebased(world, old, app, an_image(NEW, env=["PATH=/bin", "V=2"], config={"User": "1001"}))
    moved = world.image("app:1")
    assert blobs(moved) == [layer.digest for layer in NEW]
    assert env(moved) == ["PATH=/bin", "V=2", "A=1"]
    assert settings(moved)["Cmd"] == ["app"]
    assert settings(moved)["User"] == "1001"


def test_case_28_layers_are_told_apart_by_position(world: World) -> None:
    twice, empty = a_layer({"a": "a"}), a_layer({})
    old = an_image([twice, empty, twice])
    app = built_on(old, [empty, twice, OWN[0], twice])
    rebased(world, old, app, an_image([empty, NEW[0], NEW[0]]))
    wanted = [empty, NEW[0], NEW[0], empty, twice, OWN[0], twice]
    assert blobs(world.image("app:1")) == [layer.digest for layer in wanted]


def test_case_29_an_old_base_without_layers(world: World) -> None:
    old = an_image([], env=["V=1"])
    rebased(world, old, built_on(old), an_image(NEW, env=["V=2"]))
    assert blobs(world.image("app:1")) == MOVED
    assert env(world.image("app:1")) == ["V=2"]


def test_case_29_scratch_is_never_pulled(registry: World) -> None:
    app = an_image(OWN, annotations=recorded("scratch"))
    before = registry.put("app:1", app)
    registry.put("base:2", an_image(NEW))
    registry.fake.wire.forget()
    assert outcome(registry.rebase("app:1")) is Outcome.UNCHANGED
    assert registry.digest("app:1") == before
    assert outcome(registry.rebase("app:1", new="base:2")) is Outcome.REBASE
    assert blobs(registry.image("app:1")) == MOVED
    assert not [line for line in registry.fake.wire.lines if "scratch" in line]
    assert {asked.host for asked in registry.fake.wire.journal} == {"registry.test"}


def test_case_29_from_a_base_onto_scratch(registry: World) -> None:
    old = an_image(OLD, env=["PATH=/bin", "V=1"])
    registry.put("base:1", old)
    registry.put("app:1", built_on(old, config={"Env": ["PATH=/bin", "V=1", "A=1"]}))
    registry.fake.wire.forget()
    registry.rebase("app:1", new="scratch", old="base:1")
    assert blobs(registry.image("app:1")) == MOVED[3:]
    assert "V=1" not in env(registry.image("app:1"))
    assert registry.image("app:1").manifest.view.notes == recorded("scratch")
    assert {asked.host for asked in registry.fake.wire.journal} == {"registry.test"}


@pytest.mark.parametrize(("app", "base"), [("oci", "docker"), ("docker", "oci"), ("docker", "docker")])
def test_case_30_one_family_of_media_types(world: World, app: str, base: str) -> None:
    old = an_image(OLD, family=base)  # type: ignore[arg-type]
    rebased(world, old, built_on(old, family=app), an_image(NEW, family=base))  # type: ignore[arg-type]
    manifest = world.image("app:1").manifest
    kinds = {
        manifest.document.media_type,
        manifest.view.config.media_type,
        *(x.media_type for x in manifest.view.layers),
    }
    assert kinds == {media_types.OCI_MANIFEST, media_types.OCI_CONFIG, media_types.OCI_LAYER_GZIP}
    assert blobs(world.image("app:1")) == MOVED


@pytest.mark.parametrize("wanted", ["docker", "keep"])
def test_case_30_all_docker_where_that_is_wished(world: World, wanted: str) -> None:
    old, new = an_image(OLD, family="docker"), an_image(NEW)
    world.put("base:1", old)
    world.put("base:2", new)
    world.put("app:1", an_index([built_on(old, family="docker")], family="docker"))
    world.rebase("app:1", new="base:2", old="base:1", manifest_format=wanted)
    assert world.index("app:1").document.media_type == media_types.DOCKER_INDEX
    (moved,) = world.children("app:1")
    assert {layer.descriptor.media_type for layer in moved.layers} == {media_types.DOCKER_LAYER_GZIP}
    assert blobs(moved) == MOVED


def test_case_30_zstd_layers_make_a_kept_docker_image_an_oci_one_and_it_is_said(world: World) -> None:
    old = an_image(OLD, family="docker")
    new = [a_layer({"z": "z"}, compression="zstd")]
    world.put("base:1", old)
    world.put("base:2", an_image(new))
    world.put("app:1", built_on(old, family="docker"))
    run = world.rebase("app:1", new="base:2", old="base:1", manifest_format="keep")
    assert world.image("app:1").manifest.document.media_type == media_types.OCI_MANIFEST
    assert "has no name for application/vnd.oci.image.layer.v1.tar+zstd layers" in notices(run)[0]


def test_case_30_nondistributable_layers_are_neither_fetched_nor_stored(registry: World) -> None:
    foreign = a_layer({"windows": ""}, media_type=media_types.OCI_FOREIGN_GZIP)
    old, new = (windows(foreign, *own) for own in ([], NEW))
    for short, image in (("base:1", old), ("base:2", new), ("app:1", windows(foreign, *OWN))):
        registry.put(short, image)
    for name in ("base", "app"):
        del registry.fake.repository(name).blobs[foreign.digest]
    registry.fake.wire.forget()
    registry.rebase("app:1", new="base:2", old="base:1", tags=["elsewhere:1"])
    moved = registry.image("elsewhere:1")
    assert blobs(moved) == [layer.digest for layer in (foreign, *NEW, *OWN)]
    assert moved.layers[0].descriptor.raw["urls"] == ["https://windows.test/layer"]
    assert not [line for line in registry.fake.wire.lines if foreign.digest in line]


def windows(foreign: ALayer, *others: ALayer) -> AnImage:
    layers: list[Json] = [dict(layer.descriptor.raw) for layer in (foreign, *others)]
    layers[0] = {**foreign.descriptor.raw, "urls": ["https://windows.test/layer"]}
    return an_image([foreign, *others], platform="windows/amd64", manifest_members={"layers": layers})


def test_case_30_layers_that_docker_cannot_name_are_refused_where_docker_is_demanded(world: World) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image([a_layer({"z": "z"}, compression="zstd")]))
    world.put("app:1", built_on(old))
    before = world.state()
    with pytest.raises(ImageError, match="Docker's manifest has no name") as caught:
        world.rebase("app:1", new="base:2", old="base:1", manifest_format="docker")
    assert caught.value.code == "media-type-unsupported"
    assert world.state() == before


def test_case_20_missing_history_is_told_once_and_as_a_note(world: World) -> None:
    old = an_image(OLD, history=None)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW))
    world.put("app:1", an_image([*OLD, *layers_of("x")]))
    run = world.rebase("app:1", new="base:2", old="base:1")
    assert found(run) == [("config-conflict", "/history")]
