"""Whole runs in which a result is tried, built from source where it fails, or compared with such a build."""

from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from rebaser.decide import Outcome
from rebaser.pipeline import Run, Tools
from rebaser.pipeline import rebase as run_pipeline
from rebaser.recipe import Rebuild
from rebaser.request import Policy
from rebaser.transports.docker_engine import Engine, EngineAddress
from rebaser.transports.traffic import Traffic
from rebaser.trial.model import Command
from tests.builders import a_layer, an_image
from tests.fakes.containers import Does
from tests.fakes.engine import FakeEngine
from tests.runs import NEW, OLD, World, blobs, built_on, layers_of, outcome
from tests.workshops import CopyingBuilder, a_builder, a_context, a_workshop

TEST = Command(("/bin/sh", "-c", "app"), "app")
BUILT = layers_of("built-1", "built-2")
DOCKERFILE = "FROM registry.test/base:1\nCOPY . /app\n"


@pytest.fixture
def builder(tmp_path: Path) -> CopyingBuilder:
    return a_builder(tmp_path)


@pytest.fixture
def world(tmp_path: Path, builder: CopyingBuilder) -> World:
    world = World(workshop=a_workshop(tmp_path, builder))
    world.put("base:1", an_image(OLD))
    world.put("base:2", an_image(NEW))
    world.put("app:1", built_on(an_image(OLD)))
    builder.make(built_on(an_image(NEW), BUILT))
    return world


def tried(world: World, source: Rebuild, *codes: int) -> Run:
    """Try with the containers' exit codes, one after the other; the last one for all that follow."""
    left: Iterator[int] = chain(codes, repeat(codes[-1]))
    fake = FakeEngine()
    fake.containers.does = lambda _made: Does(next(left), b"said\n")
    request = world.request("app:1", "base:2", "base:1", smoke_tests=(TEST,), rebuild=source)
    run, engine = Run(request, Policy("rebuild")), Engine(EngineAddress(), Traffic(), fake.wire)
    run_pipeline(run, Tools(world.places, workshop=world.workshop, engine=lambda: engine))
    return run


def test_a_rebased_image_that_fails_is_built_and_what_passes_then_gets_the_tag(world: World, tmp_path: Path) -> None:
    run = tried(world, Rebuild(a_context(tmp_path, DOCKERFILE)), 3, 0)
    assert outcome(run) is Outcome.REBUILD
    assert run.decision is not None
    assert [finding.check for finding in run.decision.blocking] == ["smoke-test-failed"]
    assert blobs(world.image("app:1")) == [layer.digest for layer in (*NEW, *BUILT)]


def test_what_was_built_and_fails_as_well_leaves_the_tag_where_it_was(world: World, tmp_path: Path) -> None:
    before = world.digest("app:1")
    run = tried(world, Rebuild(a_context(tmp_path, DOCKERFILE)), 3, 4)
    assert outcome(run) is Outcome.REFUSE
    assert world.digest("app:1") == before
    assert run.receipt.moved == []
    assert run.document is not None
    assert run.document.digest == before


def test_a_rebased_image_that_passes_is_not_built(world: World, tmp_path: Path, builder: CopyingBuilder) -> None:
    assert outcome(tried(world, Rebuild(a_context(tmp_path, DOCKERFILE)), 0)) is Outcome.REBASE
    assert builder.orders == []


def test_a_rebased_image_is_held_against_one_that_is_built(
    world: World, tmp_path: Path, builder: CopyingBuilder
) -> None:
    base, own = an_image([a_layer({"etc/a": "1"})]), a_layer({"app/x": "1", "app/y": "same"})
    world.put("base:1", base)
    newer = an_image([a_layer({"etc/a": "2"})])
    world.put("base:2", newer)
    world.put("app:1", built_on(base, [own]))
    builder.make(built_on(newer, [a_layer({"app/x": "another", "app/y": "same"})]))
    source = Rebuild(a_context(tmp_path, DOCKERFILE))
    run = world.rebase("app:1", "base:2", "base:1", rebuild=source, verify="rebuild")
    assert outcome(run) is Outcome.REBASE
    assert run.verification is not None
    (platform,) = run.verification.platforms
    files = [(one.change, one.subject) for one in platform.deviations if one.kind == "file"]
    assert files == [("content", "/app/x")]
    assert blobs(world.image("app:1"))[-1] == own.digest
