"""Whole runs in which a rebase will not do and the image is built from source instead."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rebaser.context import parse_repository
from rebaser.decide import Outcome
from rebaser.errors import RebuildError
from rebaser.oci import annotations, media_types
from rebaser.oci.digest import digest_of
from rebaser.pipeline import Run
from rebaser.rebuild.sources import REVISION, SOURCE
from rebaser.recipe import Rebuild, Recipe
from rebaser.request import Policy
from tests.builders import AnImage, a_layer, an_image, an_index, attestation
from tests.runs import NEW, OLD, OWN, World, blobs, built_on, labels, layers_of, outcome, refused
from tests.workshops import CopyingBuilder, a_builder, a_context, a_workshop

REBUILD = Policy("rebuild")
BUILT = layers_of("built-1", "built-2")
DOCKERFILE = "FROM registry.test/base:1\nCOPY . /app\n"
ARM64 = "linux/arm64"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def base(version: int, platform: str = "linux/amd64") -> AnImage:
    """Two bases with another working directory, which an application in the old one cannot follow by itself."""
    layers = OLD if version == 1 else NEW
    return an_image(layers, config={"WorkingDir": f"/{version}"}, platform=platform)


@pytest.fixture
def builder(tmp_path: Path) -> CopyingBuilder:
    return a_builder(tmp_path)


@pytest.fixture
def world(tmp_path: Path, builder: CopyingBuilder) -> World:
    world = World(workshop=a_workshop(tmp_path, builder))
    world.put("base:1", base(1))
    world.put("base:2", base(2))
    world.put("app:1", built_on(base(1)))
    builder.make(built_on(base(2), BUILT))
    return world


@pytest.fixture
def source(tmp_path: Path) -> Rebuild:
    return Rebuild(a_context(tmp_path, DOCKERFILE))


def rebuild(world: World, source: Rebuild, **wishes: Any) -> Run:  # noqa: ANN401  whatever Request has
    return world.rebase("app:1", "base:2", "base:1", policy=REBUILD, rebuild=source, **wishes)


def test_what_cannot_be_rebased_is_built_on_the_new_base_and_takes_the_image_s_place(
    world: World, source: Rebuild
) -> None:
    assert refused(world.rebase("app:1", "base:2", "base:1")) == ["inherited-value"]
    run = rebuild(world, source)
    assert outcome(run) is Outcome.REBUILD
    assert [finding.check for finding in run.decision.blocking] == ["inherited-value"]  # type: ignore[union-attr]
    assert run.receipt.moved == [world.reference("app:1")]
    assert blobs(world.image("app:1")) == [layer.digest for layer in (*NEW, *BUILT)]
    notes = world.image("app:1").manifest.view.notes
    assert notes[annotations.BASE_NAME] == "registry.test/base:2"
    assert notes[annotations.BASE_DIGEST] == world.digest("base:2")
    assert run.work is not None
    assert (run.work.source, run.work.builder) == (str(source.context), "copying")
    assert run.work.base == "registry.test/base:1"
    assert run.work.log[0].startswith("Step 1: ")


def test_the_builder_gets_the_new_base_by_digest_and_nothing_that_is_rebased_is_left(
    world: World, source: Rebuild, builder: CopyingBuilder
) -> None:
    rebuild(world, replace(source, recipe=Recipe(target="", build_args=(("A", "1"),))))
    (order,) = builder.orders
    text = order.dockerfile.read_text("utf-8")
    assert text == f"FROM registry.test/base@{world.digest('base:2')}\nCOPY . /app\n"
    assert order.build_args == (("A", "1"),)
    assert str(order.platform) == "linux/amd64"


def test_what_can_be_rebased_is_rebased_and_nothing_is_built(
    world: World, source: Rebuild, builder: CopyingBuilder
) -> None:
    world.put("app:1", built_on(base(1), config={"WorkingDir": "/own"}))
    assert outcome(rebuild(world, source)) is Outcome.REBASE
    assert builder.orders == []


def test_the_bytes_of_the_config_are_the_builder_s_own(world: World, source: Rebuild) -> None:
    rebuild(world, source)
    assert world.image("app:1").config.document.content == built_on(base(2), BUILT).config


@pytest.mark.parametrize(("old", "check"), [("base:1", "not-descended"), (None, "base-unknown")])
def test_without_a_seam_it_can_still_be_built(world: World, source: Rebuild, old: str | None, check: str) -> None:
    world.put("app:1", an_image(OWN))
    source.context.joinpath("Dockerfile").write_text("FROM registry.test/base:2\n", "utf-8")  # type: ignore[union-attr]
    run = world.rebase("app:1", "base:2", old, policy=REBUILD, rebuild=source)
    assert outcome(run) is Outcome.REBUILD
    assert [finding.check for finding in run.decision.blocking] == [check]  # type: ignore[union-attr]


def test_a_base_for_another_architecture_does_not_get_better_by_building(world: World, source: Rebuild) -> None:
    world.put("base:2", base(2, ARM64))
    run = rebuild(world, source)
    assert "platform-changed" in refused(run)
    assert run.work is None


def test_a_dry_run_says_that_it_would_be_built_and_builds_nothing(
    world: World, source: Rebuild, builder: CopyingBuilder
) -> None:
    before = world.state()
    run = rebuild(world, source, dry_run=True)
    assert outcome(run) is Outcome.REBUILD
    assert (run.plan, run.document, builder.orders) == (None, None, [])
    assert run.work is not None
    assert run.work.source == str(source.context)
    assert world.state() == before


# What goes wrong


def assert_untouched(world: World, source: Rebuild, code: str) -> Run:
    """Run, and be told of a failed rebuild after which everything is as it was."""
    before, written, writes = world.state(), world.pushed, len(world.writes)
    run = Run(world.request("app:1", "base:2", "base:1", rebuild=source), REBUILD)
    with pytest.raises(RebuildError) as caught:
        world.carry_out(run)
    assert caught.value.code == code
    assert caught.value.exit_code == 5
    assert (world.state(), world.pushed) == (before, written)
    new = world.writes[writes:]
    opened = [line for line in new if line.startswith("POST") and "mount=" not in line]
    assert len(opened) == len([line for line in new if line.startswith("DELETE")])
    assert run.receipt.moved == []
    return run


def test_a_build_that_fails_leaves_everything_as_it_was_and_its_last_lines(
    world: World, source: Rebuild, builder: CopyingBuilder
) -> None:
    empty = replace(builder, directory=builder.directory / "empty")
    assert world.workshop is not None
    world.workshop = replace(world.workshop, find=lambda _wanted: empty)
    run = assert_untouched(world, source, "rebuild-failed")
    assert run.decision is not None
    assert run.decision.outcome is Outcome.REBUILD
    assert run.work is not None
    assert run.work.log[-1].startswith("ERROR: nothing is known of")
    assert "\x1b" not in run.work.log[-1]
    assert run.work.builder == "copying"


def test_an_image_that_does_not_begin_with_the_new_base_is_not_taken(
    world: World, source: Rebuild, builder: CopyingBuilder
) -> None:
    remake(builder, an_image([*NEW[:2], *BUILT]))
    assert_untouched(world, source, "rebuild-unproved")


def test_an_image_for_another_platform_is_not_taken(world: World, source: Rebuild, builder: CopyingBuilder) -> None:
    made = an_image([*NEW, *BUILT], platform="linux/amd64", config_members={"architecture": "arm64"})
    remake(builder, made)
    assert_untouched(world, source, "rebuild-unproved")


def remake(builder: CopyingBuilder, image: AnImage) -> None:
    place = builder.directory / "linux-amd64"
    place.rename(builder.directory / "before")
    builder.make(image)


def test_a_dockerfile_on_another_base_is_not_built(world: World, source: Rebuild, builder: CopyingBuilder) -> None:
    source.context.joinpath("Dockerfile").write_text("FROM registry.test/other:1\n", "utf-8")  # type: ignore[union-attr]
    assert_untouched(world, source, "base-not-in-dockerfile")
    assert builder.orders == []


def test_a_context_that_is_not_there_fails_a_dry_run_too(world: World, tmp_path: Path) -> None:
    request = world.request("app:1", "base:2", "base:1", rebuild=Rebuild(tmp_path / "absent"), dry_run=True)
    with pytest.raises(RebuildError, match="is not a directory"):
        world.run(request, REBUILD)


# Archives


def test_layers_of_an_archive_are_compressed_and_the_base_s_are_its_own(
    world: World, source: Rebuild, builder: CopyingBuilder
) -> None:
    archives = replace(builder, directory=builder.directory / "archives", transport="docker-archive")
    archives.directory.mkdir()
    plain = [a_layer({f"{name}/file": name}, compression="plain") for name in ("built-1", "built-2")]
    base_layers = [a_layer({f"{name}/file": name}, compression="plain") for name in ("new-1", "new-2", "new-3")]
    archives.make(an_image([*base_layers, *plain], config={"WorkingDir": "/2"}))
    assert world.workshop is not None
    world.workshop = replace(world.workshop, find=lambda _wanted: archives)

    with world.places:
        rebuild(world, source)
        image = world.image("app:1")
    assert blobs(image)[:3] == [layer.digest for layer in NEW]
    assert [layer.diff_id for layer in image.layers[3:]] == [layer.diff_id for layer in plain]
    assert {layer.descriptor.media_type for layer in image.layers} == {media_types.OCI_LAYER_GZIP}


# Indexes


@pytest.fixture
def several(world: World, builder: CopyingBuilder) -> World:
    for version in (1, 2):
        world.put(f"base:{version}", an_index([base(version), base(version, ARM64)]))
    amd64, arm64 = built_on(base(1)), built_on(base(1, ARM64))
    other = an_image(OWN, platform="linux/s390x")
    world.put("app:1", an_index([amd64, attestation(amd64), arm64, other]))
    builder.make(built_on(base(2, ARM64), BUILT))
    return world


def test_every_platform_that_is_wanted_is_built_and_the_others_stay_in_the_index(
    several: World, source: Rebuild, builder: CopyingBuilder
) -> None:
    platforms = tuple(image.platform for image in several.children("app:1")[:2])
    kept = several.index("app:1").view.manifests[3].digest
    run = rebuild(several, source, platforms=platforms)
    assert sorted(str(order.platform) for order in builder.orders) == ["linux/amd64", ARM64]
    entries = several.index("app:1").view.manifests
    assert [str(entry.platform.platform) for entry in entries if entry.platform] == [
        "linux/amd64",
        ARM64,
        "linux/s390x",
    ]
    assert entries[-1].digest == kept
    moved = several.children("app:1")[:2]
    assert [blobs(image) for image in moved] == [[layer.digest for layer in (*NEW, *BUILT)]] * 2
    assert run.plan is not None
    assert any("is dropped: its subject has been replaced" in notice for notice in run.plan.notices)


def test_a_platform_that_can_be_rebased_is_built_too_so_that_all_are_of_one_source(
    several: World, source: Rebuild
) -> None:
    free = built_on(base(1, ARM64), config={"WorkingDir": "/own"})
    several.put("app:1", an_index([built_on(base(1)), free]))
    rebuild(several, source)
    assert [blobs(image) for image in several.children("app:1")] == [[layer.digest for layer in (*NEW, *BUILT)]] * 2


def test_one_platform_that_cannot_be_built_stops_all(several: World, source: Rebuild, builder: CopyingBuilder) -> None:
    several.put("app:1", an_index([built_on(base(1)), built_on(base(1, ARM64))]))
    (builder.directory / "linux-arm64").rename(builder.directory / "away")
    assert_untouched(several, source, "rebuild-failed")


# Tags, formats


def test_other_tags_kept_originals_and_docker_s_format_hold_as_for_a_rebase(world: World, source: Rebuild) -> None:
    before = world.digest("app:1")
    run = world.rebase(
        "app:1",
        "base:2",
        "base:1",
        ["app:1", "mirror/app:x"],
        REBUILD,
        rebuild=source,
        keep_original="{tag}-before-{digest}",
        manifest_format="docker",
    )
    assert before is not None
    assert world.digest(f"app:1-before-{before[7:19]}") == before
    assert world.digest("app:1") == world.digest("mirror/app:x") == run.document.digest  # type: ignore[union-attr]
    assert world.manifest("app:1").document.media_type == media_types.DOCKER_MANIFEST


def test_annotations_of_another_build_are_not_kept_silently(world: World, source: Rebuild) -> None:
    notes = {"org.opencontainers.image.revision": "f" * 40, annotations.BASE_NAME: "registry.test/base:1"}
    world.put("app:1", built_on(base(1), annotations=notes))
    run = rebuild(world, source)
    assert run.plan is not None
    told = "Annotations that the build did not make again: org.opencontainers.image.revision"
    assert told in run.plan.notices
    assert "org.opencontainers.image.revision" not in world.image("app:1").manifest.view.notes


# Sources that labels lead to


def labelled(world: World) -> None:
    said = {SOURCE: "https://git.test/me/app", REVISION: COMMIT}
    world.put("app:1", built_on(base(1), labels=said))


def test_labels_lead_to_the_running_repository_alone(world: World) -> None:
    labelled(world)
    auto = Rebuild(None)
    run = assert_untouched(world, auto, "source-refused")
    assert run.work is not None
    assert run.work.source == ""


def test_labels_of_an_unproved_base_are_not_the_image_s_own(world: World) -> None:
    said = {SOURCE: "https://git.test/me/app", REVISION: COMMIT}
    world.put("app:1", an_image(OWN, labels=said))
    assert_untouched(world, Rebuild(None, allowed=(parse_repository(said[SOURCE]),)), "source-refused")


def test_a_source_that_labels_led_to_is_still_led_to_afterwards(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    labelled(world)

    def fetched(_source: object, place: Path, *_more: object) -> str:
        place.mkdir()
        (place / "Dockerfile").write_text(DOCKERFILE, "utf-8")
        return COMMIT

    monkeypatch.setattr("rebaser.rebuilding.fetch", fetched)
    allowed = (parse_repository("https://git.test/me/app"),)
    run = world.run(world.request("app:1", "base:2", "base:1", rebuild=Rebuild(None, allowed=allowed)), REBUILD)
    world.assert_done(run)
    assert labels(world.image("app:1")) == {SOURCE: "https://git.test/me/app", REVISION: COMMIT}
    assert run.work is not None
    assert (run.work.source, run.work.commit) == (f"https://git.test/me/app.git#{COMMIT}", COMMIT)
    content = world.image("app:1").config.document.content
    assert digest_of(content) == world.image("app:1").manifest.view.config.digest
