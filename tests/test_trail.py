"""What a rebase leaves beside its result, and what the next one makes of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rebaser.decide import Outcome
from rebaser.errors import TransportError
from rebaser.inspection import inspect
from rebaser.oci.digest import Digest
from rebaser.oci.document import Document
from rebaser.oci.manifest import Manifest
from rebaser.oci.reference import parse_reference
from rebaser.plan.saved_base import SAVED_BASE
from rebaser.transports.base import read_blob
from tests.builders import ALayer, AnImage, a_layer, an_image, an_index
from tests.fakes.registry import FakeRegistry
from tests.fakes.wire import Told
from tests.interventions import answering
from tests.runs import NEW, OLD, World, built_on, found, layers_of, notices, outcome, recorded, refused

IN_TOTO = "application/vnd.in-toto+json"
OLD_BASE, NEW_BASE = an_image(OLD), an_image(NEW)


def with_api() -> World:
    return filled(World(fake=FakeRegistry(lists_referrers=True)))


def without_api() -> World:
    return filled(World())


def filled(world: World) -> World:
    world.put("base:1", OLD_BASE)
    world.put("base:2", NEW_BASE)
    world.put("app:1", built_on(OLD_BASE))
    return world


def kinds(world: World, image: str, digest: str | None) -> list[str]:
    """The types of what refers to a digest."""
    assert digest is not None
    return sorted(str(one.artifact_type) for one in world.store(image).referrers(Digest(digest)))


def artifact(world: World, image: str, digest: str | None, kind: str) -> Manifest:
    """The only artifact of a kind about a digest."""
    assert digest is not None
    (one,) = (one for one in world.store(image).referrers(Digest(digest)) if one.artifact_type == kind)
    read = world.store(image).manifest(one.digest)
    assert isinstance(read, Manifest)
    return read


def test_a_statement_and_the_new_base_are_kept_beside_the_image_where_referrers_are_listed() -> None:
    world = with_api()
    run = world.rebase("app:1", "base:2", "base:1")
    assert run.document is not None
    assert kinds(world, "app:1", run.document.digest) == [IN_TOTO, SAVED_BASE]
    kept = artifact(world, "app:1", run.document.digest, IN_TOTO)
    (layer,) = kept.view.layers
    assert layer.media_type == IN_TOTO
    assert layer.notes == {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"}
    assert run.trail is not None
    assert read_blob(world.store("app:1"), layer, 10_000) == run.trail.files["provenance.json"]
    saved = artifact(world, "app:1", run.document.digest, SAVED_BASE)
    assert saved.view.notes == recorded("registry.test/base:2", NEW_BASE.digest)
    manifest, config = (read_blob(world.store("app:1"), layer, 10_000) for layer in saved.view.layers)
    assert (manifest, config) == (NEW_BASE.document.content, NEW_BASE.config)
    assert list(world.fake.tags("app")) == ["1"]


def test_a_registry_that_lists_nothing_gets_no_tag_that_nobody_asked_for() -> None:
    world = without_api()
    run = world.rebase("app:1", "base:2", "base:1")
    assert run.trail is not None
    assert "provenance.json" in run.trail.files
    assert list(world.fake.tags("app")) == ["1"]
    assert run.receipt.notices == []


def test_push_stores_them_in_a_registry_that_lists_nothing_too() -> None:
    world = without_api()
    run = world.rebase("app:1", "base:2", "base:1", provenance="push")
    assert run.document is not None
    assert kinds(world, "app:1", run.document.digest) == [IN_TOTO, SAVED_BASE]
    assert sorted(world.fake.tags("app")) == ["1", run.document.digest.replace(":", "-")]


@pytest.mark.parametrize("make", [with_api, without_api])
def test_without_provenance_nothing_is_said_and_nothing_asked(make: Any) -> None:  # noqa: ANN401
    world: World = make()
    run = world.rebase("app:1", "base:2", "base:1", provenance="none")
    assert run.document is not None
    assert kinds(world, "app:1", run.document.digest) == []
    assert run.trail is not None
    assert run.trail.files == {}


def test_every_image_of_an_index_has_its_own_base_and_all_have_the_statement() -> None:
    arm_old, arm_new = an_image(OLD, platform="linux/arm64"), an_image(NEW, platform="linux/arm64")
    world = with_api()
    world.put("base:1", an_index([OLD_BASE, arm_old]))
    world.put("base:2", an_index([NEW_BASE, arm_new]))
    world.put("app:1", an_index([built_on(OLD_BASE), built_on(arm_old)]))
    run = world.rebase("app:1", "base:2", "base:1")
    assert run.document is not None
    assert kinds(world, "app:1", run.document.digest) == [IN_TOTO]
    for child in world.index("app:1").view.manifests:
        assert kinds(world, "app:1", child.digest) == [IN_TOTO, SAVED_BASE]


def test_a_dry_run_states_and_pushes_nothing() -> None:
    world = with_api()
    before = world.state()
    run = world.run(world.request("app:1", "base:2", "base:1", dry_run=True))
    assert world.state() == before
    assert run.trail is not None
    assert set(run.trail.files) == {"provenance.json", "findings.json"}


def test_a_registry_that_refuses_what_is_only_offered_does_not_stop_the_rebase() -> None:
    world = with_api()
    with answering(world, _puts_a_referrer, Told(400, (), b'{"errors": [{"code": "MANIFEST_INVALID"}]}')):
        run = world.run(world.request("app:1", "base:2", "base:1"))
    assert [str(tag) for tag in run.receipt.moved] == ["registry.test/app:1"]
    (notice,) = run.receipt.notices
    assert notice.startswith("What is said of the image is beside the report, not beside the image: ")


def test_a_registry_that_refuses_what_is_to_be_pushed_stops_it_before_a_tag_moves() -> None:
    world = with_api()
    request = world.request("app:1", "base:2", "base:1", provenance="push")
    refusal = Told(400, (), b'{"errors": [{"code": "MANIFEST_INVALID"}]}')
    with answering(world, _puts_a_referrer, refusal), pytest.raises(TransportError):
        world.run(request)
    assert world.digest("app:1") == built_on(OLD_BASE).digest


def _puts_a_referrer(asked: Any) -> bool:  # noqa: ANN401
    return asked.method == "PUT" and b'"subject"' in asked.body


# The next time


def test_the_next_rebase_needs_neither_the_old_base_nor_its_repository() -> None:
    world = with_api()
    world.rebase("app:1", "base:2", "base:1")
    world.fake.repositories.pop("base")
    world.put("new/base:3", newer := an_image(layers_of("newer-1")))
    run = world.rebase("app:1", "new/base:3")
    (plan,) = run.plans
    assert plan.old_base is not None
    assert (plan.old_base.found, plan.old_base.digest) == ("saved base", NEW_BASE.digest)
    assert str(plan.old_base.reference) == "registry.test/base:2"
    assert world.image("app:1").diff_ids[: len(newer.layers)] == tuple(layer.diff_id for layer in newer.layers)
    assert found(run) == []


@pytest.mark.parametrize("make", [with_api, without_api])
def test_three_updates_with_the_bases_deleted_in_between(make: Any) -> None:  # noqa: ANN401
    world: World = make()
    own = built_on(OLD_BASE).layers[len(OLD) :]
    world.rebase("app:1", "base:2", "base:1", provenance="push")
    for number in (3, 4, 5):
        world.fake.repositories.pop("base")
        world.put(f"base:{number}", base := an_image(layers_of(f"base-{number}"), env=[f"NUMBER={number}"]))
        run = world.rebase("app:1", f"base:{number}", provenance="push")
        assert outcome(run) is Outcome.REBASE
        expected = [layer.diff_id for layer in (*base.layers, *own)]
        assert list(world.image("app:1").diff_ids) == expected
        assert world.image("app:1").config.settings["Env"] == [f"NUMBER={number}"]


def test_the_base_that_is_found_by_its_name_is_not_looked_for_beside_the_image() -> None:
    world = with_api()
    world.rebase("app:1", "base:2", "base:1")
    world.put("base:3", an_image(layers_of("newer-1")))
    world.fake.wire.forget()
    run = world.run(world.request("app:1", "base:3", provenance="none"))
    (plan,) = run.plans
    assert plan.old_base is not None
    assert plan.old_base.found == "annotation"
    assert not [line for line in world.fake.wire.lines if "/referrers/" in line]


def test_inspect_says_where_the_base_was_found() -> None:
    world = with_api()
    world.rebase("app:1", "base:2", "base:1")
    world.fake.repositories.pop("base")
    told = inspect(world.request("app:1"), world.connect())
    assert f"base: registry.test/base:2 {NEW_BASE.digest} (known from: saved base)" in told.as_text()
    (facts,) = told.platforms
    assert facts.seam is not None
    assert facts.seam.layers == 3


def planted(world: World, kept: AnImage, config: bytes | None = None, **members: Any) -> None:  # noqa: ANN401
    """Put a saved base, as anyone who may push could, beside the image, whose own base is gone."""
    subject = world.manifest("app:1").document
    world.fake.repositories.pop("base")
    world.put("base:3", an_image(layers_of("newer-1")))
    blobs = {"manifest": kept.document.content, "config": kept.config if config is None else config}
    layers = []
    for name, content in blobs.items():
        digest = world.fake.put_blob("app", content)
        kind = f"application/vnd.rebaser.base.{name}.v1+json"
        layers.append({"mediaType": kind, "digest": digest, "size": len(content)})
    empty = world.fake.put_blob("app", b"{}")
    raw = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": SAVED_BASE,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty, "size": 2},
        "layers": layers,
        "subject": _described(subject),
        **members,
    }
    world.fake.put_manifest("app", None, json.dumps(raw).encode(), raw["mediaType"])


def _described(document: Document) -> dict[str, Any]:
    return {"mediaType": document.media_type, "digest": document.digest, "size": document.size}


def test_a_saved_base_that_the_image_does_not_stand_on_is_refused() -> None:
    world = with_api()
    planted(world, an_image(layers_of("another")))
    run = world.run(world.request("app:1", "base:3"))
    assert refused(run) == ["base-unknown"]
    assert run.decision is not None
    assert "of whose 1 layers the image begins with 0" in run.decision.because


@pytest.mark.parametrize(
    ("config", "members", "told"),
    [
        (b"{}", {}, "its config is not that of its manifest"),
        (None, {"layers": []}, "it does not hold one manifest and one config"),
    ],
)
def test_a_saved_base_that_is_broken_is_told_and_not_used(
    config: bytes | None, members: dict[str, Any], told: str
) -> None:
    world = with_api()
    planted(world, OLD_BASE, config, **members)
    run = world.run(world.request("app:1", "base:3"))
    assert refused(run) == ["base-unknown"]
    assert run.decision is not None
    assert told in run.decision.because


@pytest.mark.parametrize("name", ["oci:/etc", "docker-daemon:debian:12", "scratch", "not a name", ""])
def test_a_saved_base_sends_nobody_to_a_place_of_this_machine(name: str) -> None:
    world = with_api()
    planted(world, OLD_BASE, annotations=recorded(name))
    run = world.run(world.request("app:1", "base:3"))
    (plan,) = run.plans
    assert plan.old_base is not None
    assert str(plan.old_base.reference) == f"registry.test/app@{OLD_BASE.digest}"


def test_an_archive_keeps_nothing_that_refers_and_that_is_said(tmp_path: Path) -> None:
    world = with_api()
    archive = f"docker-archive:{tmp_path}/app.tar:app:1"
    request = world.request("app:1", "base:2", "base:1", provenance="push")
    with world.connect() as places:
        run = world.run(replace(request, tags=(parse_reference(archive),)), places=places)
    assert run.receipt.notices == [
        f"docker-archive:{tmp_path}/app.tar keeps nothing but images: what is said of this one is beside the report"
    ]
    assert notices(run) == ()


def test_one_artifact_too_many_is_not_looked_at() -> None:
    world = with_api()
    layer: ALayer = a_layer({"x": "y"})
    for number in range(6):
        planted_one = an_image([layer], env=[f"N={number}"])
        world.put("base:1", OLD_BASE)
        planted(world, planted_one)
    world.fake.wire.forget()
    run = world.run(world.request("app:1", "base:3"))
    (plan,) = run.plans
    assert len([one for one in plan.rejected if one.what.startswith("the saved base")]) == 4
