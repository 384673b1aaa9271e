"""Cases 26 and 27: nothing to do is a result, and it costs nothing."""

import pytest

from rebaser.decide import Outcome
from rebaser.oci import annotations
from tests.builders import AnImage, a_layer, an_image, an_index, buildkit
from tests.runs import NEW, OLD, OWN, World, built_on, material, outcome, provenance, recorded

NAME = "registry.test/base:12"


def unchanged(world: World, image: str = "app:1", **given: str) -> None:
    """Assert that a run leaves every registry as it is and gives the digest that is there."""
    before, state, written = world.digest(image), world.state(), world.writes
    run = world.rebase(image, **given)  # type: ignore[arg-type]
    assert outcome(run) is Outcome.UNCHANGED
    assert run.document is not None
    assert run.document.digest == before
    assert world.state() == state
    assert world.writes == written
    assert run.receipt.moved == []


def test_case_26_old_base_is_new_base(world: World) -> None:
    old = an_image(OLD, env=["PATH=/bin"])
    world.put("base:1", old)
    world.put("app:1", built_on(old))
    unchanged(world, new="base:1", old="base:1")


@pytest.mark.parametrize("noted", [True, False])
def test_case_26_app_already_on_new_base(world: World, noted: bool) -> None:
    new = an_image(NEW, env=["PATH=/bin"])
    world.put("base:1", an_image(OLD))
    world.put("base:2", new)
    notes = recorded(world.name("base:2"), new.digest) if noted else None
    world.put("app:1", built_on(new, annotations=notes))
    unchanged(world, new="base:2", old="base:1")
    unchanged(world, new="base:2")


def test_case_26_without_history_the_record_tells(world: World) -> None:
    new = an_image(NEW, history=None)
    world.put("base:2", new)
    world.put("app:1", an_image([*NEW, *OWN], history=None, annotations=recorded(world.name("base:2"), new.digest)))
    unchanged(world, new="base:2")


def test_case_26_a_docker_image_already_on_new_base(world: World) -> None:
    new = an_image(NEW, env=["PATH=/bin"], family="docker")
    world.put("base:2", new)
    world.put("app:1", built_on(new, family="docker"))
    unchanged(world, new="base:2")


def test_case_26_the_record_names_the_base_that_the_tag_means(registry: World) -> None:
    old = an_image(OLD)
    registry.put("base:12", old)
    registry.put("app:1", built_on(old, annotations=recorded(NAME, old.digest)))
    unchanged(registry)


@pytest.mark.parametrize("version", ["v1", "v0.2"])
def test_case_26_the_provenance_names_the_base_that_the_tag_means(registry: World, version: str) -> None:
    old = an_image(OLD)
    registry.put("base:12", old)
    app = built_on(old)
    stated = provenance(app, material("registry.test/base@12", old.digest), version=version)
    registry.put("app:1", an_index([app, stated]))
    unchanged(registry)


def test_case_26_named_as_old_base_what_the_tag_of_the_new_one_means(registry: World) -> None:
    """The record is wrong; but the user says what the image stands on, and that this is what it shall stand on."""
    old = an_image(OLD)
    registry.put("base:12", old)
    registry.put("app:1", built_on(old, annotations=recorded(NAME, an_image(NEW).digest)))
    unchanged(registry, new="base:12", old=f"base@{old.digest}")


def test_case_26_the_requested_tag_is_created_all_the_same(world: World) -> None:
    new = an_image(NEW)
    world.put("base:2", new)
    before = world.put("app:1", built_on(new))
    run = world.rebase("app:1", new="base:2", tags=["app:latest", "app:1"])
    assert outcome(run) is Outcome.UNCHANGED
    assert world.digest("app:latest") == before
    assert [str(tag) for tag in run.receipt.moved] == [world.name("app:latest")]


def test_case_26_the_requested_tag_in_the_same_repository_costs_one_request(registry: World) -> None:
    new = an_image(NEW)
    registry.put("base:2", new)
    registry.put("app:1", built_on(new))
    registry.fake.wire.forget()
    run = registry.run(registry.request("app:1", "base:2", tags=["app:latest"]))
    assert outcome(run) is Outcome.UNCHANGED
    assert registry.writes == ["PUT https://registry.test/v2/app/manifests/latest"]


def test_case_26_an_index_of_which_every_platform_is_current(world: World) -> None:
    amd, arm = an_image(OLD), an_image([a_layer({"arm": ""})], platform="linux/arm64")
    world.put("base:1", an_index([amd, arm]))
    world.put("app:1", an_index([built_on(amd), built_on(arm)]))
    unchanged(world, new="base:1", old="base:1")


def test_case_26_one_platform_is_current_and_the_other_moves(world: World) -> None:
    amd, arm = an_image(OLD), an_image([a_layer({"arm": ""})], platform="linux/arm64")
    new_arm = an_image([a_layer({"arm": "new"})], platform="linux/arm64")
    current = built_on(amd)
    world.put("base:1", an_index([amd, arm]))
    world.put("base:2", an_index([amd, new_arm]))
    world.put("app:1", an_index([current, built_on(arm)]))
    assert outcome(world.rebase("app:1", new="base:2", old="base:1")) is Outcome.REBASE
    amd64, arm64 = world.children("app:1")
    assert amd64.manifest.document.digest == current.digest
    assert arm64.layers[0].descriptor.digest == new_arm.layers[0].digest


@pytest.mark.parametrize("app", ["oci", "docker"])
@pytest.mark.parametrize("wanted", ["oci", "docker", "keep"])
def test_case_27_a_run_on_the_result_is_a_no_op(world: World, app: str, wanted: str) -> None:
    old = an_image(OLD, env=["PATH=/bin", "V=1"], labels={"v": "1"})
    world.put("base:1", old)
    world.put("base:2", an_image(NEW, env=["PATH=/bin", "V=2"], labels={"v": "2"}))
    world.put("app:1", built_on(old, family=app, config={"Env": ["PATH=/app:/bin", "V=1", "A=1"], "Cmd": ["x"]}))
    run = world.rebase("app:1", new="base:2", old="base:1", manifest_format=wanted)  # makes the second run itself
    assert outcome(run) is Outcome.REBASE
    unchanged(world, new="base:2")
    unchanged(world, new="base:2", old="base:1")


def test_case_27_with_names_from_the_record_only(registry: World) -> None:
    old, new = an_image(OLD), an_image(NEW)
    registry.put("base:12", old)
    registry.put("app:1", built_on(old, annotations=recorded(NAME, old.digest)))
    registry.put("base:12", new)
    assert outcome(registry.rebase("app:1")) is Outcome.REBASE
    assert registry.manifest("app:1").view.notes[annotations.BASE_DIGEST] == new.digest
    unchanged(registry)


def test_case_27_back_and_forth_comes_to_the_digest_of_before(world: World) -> None:
    old, new = an_image(OLD, env=["V=1"]), an_image(NEW, env=["V=2"])
    world.put("base:1", old)
    world.put("base:2", new)
    world.put("app:1", built_on(old, history=[buildkit("COPY a / "), buildkit("COPY b / ")]))
    world.rebase("app:1", new="base:2", old="base:1")
    there = world.digest("app:1")
    world.rebase("app:1", new="base:1", old="base:2")
    back = world.digest("app:1")
    world.rebase("app:1", new="base:2", old="base:1")
    assert world.digest("app:1") == there
    world.rebase("app:1", new="base:1", old="base:2")
    assert world.digest("app:1") == back


def test_case_27_two_machines_come_to_the_same_digest() -> None:
    digests = set()
    for _ in range(2):
        world = World()
        old: AnImage = an_image(OLD, env=["V=1"])
        world.put("base:1", old)
        world.put("base:2", an_image(NEW, env=["V=2"]))
        world.put("app:1", built_on(old, OWN))
        world.rebase("app:1", new="base:2", old="base:1")
        digests.add(world.digest("app:1"))
    assert len(digests) == 1
