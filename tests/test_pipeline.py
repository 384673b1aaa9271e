"""Whole runs as stories: what goes wrong in the middle, who else is there, and where results may go."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from rebaser.apply import How
from rebaser.decide import Outcome
from rebaser.errors import ImageError, ImageNotFound, TransportError
from rebaser.oci.manifest import Index
from rebaser.oci.platform import parse_platform
from rebaser.pipeline import Run
from rebaser.request import Policy, Severity
from tests.builders import an_image, an_index, attestation, compact
from tests.fakes.registry import FakeRegistry, refusal
from tests.fakes.wire import Asked, Site, Told, whole
from tests.interventions import Killed, answering, asks, killed_at, meanwhile, on_the_way
from tests.invariants import assert_valid
from tests.runs import (
    NEW,
    OLD,
    OWN,
    World,
    blobs,
    built_on,
    env,
    found,
    layers_of,
    outcome,
    recorded,
    refused,
    settings,
)

MOVED = [layer.digest for layer in (*NEW, *OWN)]
OTHER = "other.test"
ARM64 = "linux/arm64"


@pytest.fixture
def registry() -> World:
    """An application on an old base, and its new base, in two repositories of one registry; there is another one."""
    world = World()
    fill(world)
    FakeRegistry(host=OTHER, wire=world.fake.wire)
    world.fake.wire.forget()
    return world


@pytest.fixture
def layout(tmp_path: Path) -> World:
    world = World(tmp_path)
    fill(world)
    return world


def fill(world: World) -> None:
    old = an_image(OLD, env=["PATH=/bin", "V=1"])
    world.put("base:1", old)
    world.put("base:2", an_image(NEW, env=["PATH=/bin", "V=2"]))
    world.put("app:1", built_on(old))


def rebase(world: World, *tags: str, policy: Policy | None = None, **wishes: object) -> Run:
    return world.rebase("app:1", "base:2", "base:1", list(tags) or None, policy or Policy(), **wishes)


def run_once(world: World, *tags: str) -> Run:
    return world.run(world.request("app:1", "base:2", "base:1", list(tags) or None), places=world.connect())


def result_of(world: World) -> str:
    """Return the digest to which an undisturbed run would come."""
    run = world.run(world.request("app:1", "base:2", "base:1", dry_run=True), places=world.connect())
    assert run.document is not None
    return run.document.digest


# Tags


def test_a_tag_that_moved_during_the_run_is_left_alone(registry: World) -> None:
    pushed = an_image(layers_of("pushed meanwhile"))
    with (
        meanwhile(registry, asks("PUT", "/app/manifests/sha256"), lambda: registry.put("app:1", pushed)),
        pytest.raises(TransportError, match="no tag was put") as caught,
    ):
        run_once(registry)
    assert caught.value.code == "tag-moved"
    assert caught.value.exit_code == 3
    assert registry.digest("app:1") == pushed.digest


def test_a_tag_that_was_deleted_during_the_run_is_not_put_back(registry: World) -> None:
    with (
        meanwhile(registry, asks("PUT", "/app/manifests/sha256"), lambda: registry.fake.tags("app").clear()),
        pytest.raises(TransportError, match="names nothing now") as caught,
    ):
        run_once(registry)
    assert caught.value.code == "tag-moved"
    assert registry.fake.tags("app") == {}


def test_a_tag_that_did_not_exist_and_was_created_during_the_run_is_left_alone(registry: World) -> None:
    created = an_image(layers_of("created meanwhile"))
    with (
        meanwhile(registry, asks("PUT", "/app/manifests/sha256"), lambda: registry.put("app:next", created)),
        pytest.raises(TransportError, match="named nothing at the start"),
    ):
        run_once(registry, "app:1", "app:next")
    assert registry.digest("app:next") == created.digest


def test_a_tag_that_moved_right_after_it_was_read_is_not_overwritten(registry: World) -> None:
    pushed = an_image(layers_of("pushed meanwhile"))
    with meanwhile(registry, asks("HEAD", "/app/manifests/1"), lambda: registry.put("app:1", pushed)):
        registry.fake.wire.forget()
        run = Run(registry.request("app:1", "base:2", "base:1"), Policy())
        with pytest.raises(TransportError, match="at the start and names") as caught:
            registry.run(run.request)
    assert caught.value.code == "tag-moved"
    assert registry.digest("app:1") == pushed.digest


def test_a_stale_digest_beside_the_tag_is_noticed_at_once(registry: World) -> None:
    before = registry.digest("app:1")
    registry.put("app:1", an_image(layers_of("pushed later")))
    state = registry.state()
    with pytest.raises(TransportError) as caught:
        registry.run(registry.request(f"app:1@{before}", "base:2", "base:1"))
    assert caught.value.code == "tag-moved"
    assert registry.state() == state


def test_the_second_of_two_tags_is_refused_and_the_error_says_how_far_it_came(registry: World) -> None:
    denied = refusal(403, "DENIED", "tag is protected")
    with answering(registry, asks("PUT", "/app/manifests/protected"), denied), pytest.raises(TransportError) as caught:
        run_once(registry, "app:1", "app:protected", "app:last")
    assert "Tags moved: registry.test/app:1; " in caught.value.message
    assert "not moved: registry.test/app:protected, registry.test/app:last" in caught.value.message
    assert "tag is protected" in caught.value.message
    assert caught.value.exit_code == 3
    assert registry.digest("app:1") == registry.fake.tags("app")["1"] != registry.digest("app:protected")


def test_after_a_refused_tag_the_next_run_brings_the_rest(registry: World) -> None:
    wanted = result_of(registry)
    with (
        answering(registry, asks("PUT", "/app/manifests/protected"), refusal(403, "DENIED")),
        pytest.raises(TransportError),
    ):
        run_once(registry, "app:1", "app:protected")
    rebase(registry, "app:1", "app:protected")
    assert registry.fake.tags("app") == {"1": wanted, "protected": wanted}


@pytest.mark.parametrize("status", [400, 403, 409, 412])
def test_an_immutable_tag_is_told_as_one_and_an_equal_one_is_fine(registry: World, status: int) -> None:
    run_once(registry, "app:next")
    registry.fake.immutable = status  # type: ignore[assignment]
    before = registry.digest("app:1")
    rebase(registry, "app:next")
    with pytest.raises(TransportError) as caught:
        run_once(registry)
    assert caught.value.code == "tag-immutable"
    assert registry.digest("app:1") == before


def test_no_tag_at_all(registry: World) -> None:
    before = registry.digest("app:1")
    run = registry.rebase("app:1", "base:2", "base:1", tags=[])
    assert run.document is not None
    assert registry.fake.tags("app") == {"1": before}
    assert blobs(registry.image(f"app@{run.document.digest}")) == MOVED


def test_an_image_named_by_digest_only(registry: World) -> None:
    before = registry.digest("app:1")
    run = registry.rebase(f"app@{before}", "base:2", "base:1")
    assert run.request.tags == ()
    assert run.document is not None
    assert registry.fake.tags("app") == {"1": before}
    assert blobs(registry.image(f"app@{run.document.digest}")) == MOVED


def test_a_digest_with_a_tag_for_the_result(registry: World) -> None:
    before = registry.digest("app:1")
    registry.rebase(f"app@{before}", "base:2", "base:1", tags=["app:1"])
    assert blobs(registry.image("app:1")) == MOVED


# Order, crashes and company


def test_tags_come_last_and_everything_is_read_back_before(registry: World) -> None:
    wanted = result_of(registry)
    registry.fake.wire.forget()
    run_once(registry)
    lines = [line.replace("https://registry.test/v2/", "") for line in registry.fake.wire.lines]
    put, got, looked, tagged = (
        lines.index(line)
        for line in (
            f"PUT app/manifests/{wanted}",
            f"GET app/manifests/{wanted}",
            "HEAD app/manifests/1",
            "PUT app/manifests/1",
        )
    )
    looked = max(at for at, line in enumerate(lines) if line == "HEAD app/manifests/1")
    assert put < min(got, looked)
    assert max(got, looked) < tagged == len(lines) - 1


def test_a_blob_that_cannot_be_stored_leaves_the_tag_alone(registry: World) -> None:
    before = registry.digest("app:1")
    registry.fake.mounts = 202
    with (
        answering(registry, asks("PUT", "/app/blobs/uploads"), refusal(403, "DENIED", "quota exceeded")),
        pytest.raises(TransportError, match="quota exceeded"),
    ):
        run_once(registry)
    assert registry.digest("app:1") == before
    assert not [line for line in registry.writes if "/manifests/" in line]


def test_a_manifest_that_is_refused_leaves_the_tag_alone(registry: World) -> None:
    before = registry.digest("app:1")
    registry.fake.accepts = ("application/vnd.docker.distribution.manifest.v2+json",)
    with pytest.raises(TransportError) as caught:
        run_once(registry)
    assert caught.value.code == "manifest-refused"
    assert "`manifest-format`" in caught.value.remedy
    assert registry.digest("app:1") == before


def test_a_registry_that_gives_back_other_bytes_gets_no_tag(registry: World) -> None:
    before, wanted = registry.digest("app:1"), result_of(registry)
    other = Told(200, (("Content-Type", "application/vnd.oci.image.manifest.v1+json"),), compact({"schemaVersion": 2}))
    with (
        answering(registry, asks("GET", f"/app/manifests/{wanted}"), other),
        pytest.raises((TransportError, ImageError)),
    ):
        run_once(registry)
    assert registry.digest("app:1") == before


def test_a_registry_that_shows_manifests_late_is_waited_for(registry: World) -> None:
    registry.fake.consistency_delay = 3
    run = rebase(registry)
    assert outcome(run) is Outcome.REBASE
    assert 0 < sum(registry.clock.sleeps) < 60


def test_a_registry_that_never_shows_the_manifest_gets_no_tag(registry: World) -> None:
    before = registry.digest("app:1")
    registry.fake.consistency_delay = 1_000_000
    with pytest.raises(TransportError):
        run_once(registry)
    assert registry.digest("app:1") == before
    assert sum(registry.clock.sleeps) < 120


@pytest.mark.parametrize("handled", [False, True], ids=["lost", "done"])
@pytest.mark.parametrize("tags", [(), ("app:1", "app:2", "copy:1")], ids=["own tag", "three tags"])
def test_a_run_that_was_killed_anywhere_is_made_good_by_the_next(handled: bool, tags: tuple[str, ...]) -> None:
    for number in range(100):
        world = World()
        fill(world)
        before, wanted = world.digest("app:1"), result_of(world)
        with killed_at(world, number, handled=handled):
            try:
                run_once(world, *tags)
            except Killed:
                ended = True
            else:
                ended = False
        for tag, digest in [*world.fake.tags("app").items(), *world.fake.tags("copy").items()]:
            assert digest in (before, wanted)
            assert_valid(world.store("app:1" if digest == before or tag != "1" else f"app:{tag}"), digest)
        rebase(world, *tags)
        assert [world.digest(tag) for tag in tags or ["app:1"]] == [wanted] * len(tags or ["app:1"])
        if not ended:
            assert number > 5
            return
    pytest.fail("the run never came to its end")


def test_a_run_that_was_killed_in_a_layout_is_made_good_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace
    for number in range(50):
        world = World(tmp_path / str(number))
        fill(world)
        before, wanted = world.digest("app:1"), result_of(world)
        left = [None] * number

        def dying(*given: Any, left: list[None] = left, **more: Any) -> None:  # noqa: ANN401  as os.replace
            if not left:
                raise Killed
            left.pop()
            replace(*given, **more)

        monkeypatch.setattr(os, "replace", dying)
        try:
            run_once(world)
        except Killed:
            ended = True
        else:
            ended = False
        monkeypatch.setattr(os, "replace", replace)
        assert world.digest("app:1") in (before, wanted)
        rebase(world)
        assert world.digest("app:1") == wanted
        assert not list(world.directory.rglob("*.part")) if world.directory else True
        if not ended:
            assert number > 3
            return
    pytest.fail("the run never came to its end")


@pytest.mark.parametrize("kind", ["registry", "layout"])
def test_two_equal_runs_at_once_both_succeed(kind: str, tmp_path: Path) -> None:
    for turn in range(5):
        world = World() if kind == "registry" else World(tmp_path / str(turn))
        fill(world)
        wanted = result_of(world)
        with ThreadPoolExecutor(3) as pool:
            runs = list(pool.map(run_once, [world] * 3))
        assert world.digest("app:1") == wanted
        assert {run.document.digest for run in runs if run.document} == {wanted}
        assert_valid(world.store("app:1"), "1")


def test_of_two_runs_onto_different_bases_the_slower_one_notices(registry: World) -> None:
    registry.put("base:3", an_image(layers_of("newest"), env=["PATH=/bin", "V=3"]))

    def meanwhile_another(stage: str) -> None:
        if stage == "write":
            registry.run(registry.request("app:1", "base:3", "base:1"), places=registry.connect())

    with pytest.raises(TransportError) as caught:
        registry.run(registry.request("app:1", "base:2", "base:1"), progress=meanwhile_another)
    assert caught.value.code == "tag-moved"
    assert env(registry.image("app:1")) == ["PATH=/bin", "V=3"]


def test_a_base_tag_that_moves_during_the_run_is_read_once(registry: World) -> None:
    def meanwhile_pushed(stage: str) -> None:
        if stage == "check":
            registry.put("base:2", an_image(layers_of("newest")))

    registry.run(registry.request("app:1", "base:2", "base:1"), progress=meanwhile_pushed)
    assert blobs(registry.image("app:1")) == MOVED
    new = an_image(NEW, env=["PATH=/bin", "V=2"])
    assert registry.image("app:1").manifest.view.notes == recorded("registry.test/base:2", new.digest)
    assert (
        len(
            [
                line
                for line in registry.fake.wire.lines
                if line.endswith("GET https://registry.test/v2/base/manifests/2")
            ]
        )
        == 1
    )


# Blobs


def test_layers_of_the_base_are_mounted_and_nothing_else_is_moved(registry: World) -> None:
    run = rebase(registry)
    assert [run.receipt.blobs[digest] for digest in MOVED] == [How.MOUNTED] * 3 + [How.PRESENT] * 2
    layers = [asked for asked in registry.fake.wire.journal if asked.method == "GET" and asked.path.endswith(MOVED[0])]
    assert len(layers) == 1  # by the test itself, that looked at the result


@pytest.mark.parametrize("answer", [202, 401, 403, 404, 405, 500])
def test_a_refused_mount_becomes_a_copy(registry: World, answer: int) -> None:
    registry.fake.mounts = answer  # type: ignore[assignment]
    run = rebase(registry)
    assert [run.receipt.blobs[digest] for digest in MOVED] == [How.COPIED] * 3 + [How.PRESENT] * 2
    assert blobs(registry.image("app:1")) == MOVED


def test_mounts_that_were_lies_are_sent_again_once(registry: World) -> None:
    lie = Told(201, (("Location", "/v2/app/blobs/x"),))
    with answering(registry, asks("POST", "mount="), lie, times=3):
        run_once(registry)
    assert blobs(registry.image("app:1")) == MOVED
    assert_valid(registry.store("app:1"), "1")
    assert len([line for line in registry.writes if "PUT" in line and "/app/manifests/sha256" in line]) == 2


def test_a_registry_that_goes_on_missing_blobs_is_told_as_that(registry: World) -> None:
    before = registry.digest("app:1")
    unknown = refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")
    with answering(registry, asks("PUT", "/app/manifests/sha256"), unknown), pytest.raises(TransportError) as caught:
        run_once(registry)
    assert caught.value.code == "manifest-blob-unknown"
    assert registry.digest("app:1") == before
    assert len([line for line in registry.writes if "PUT" in line and "/app/manifests/sha256" in line]) == 2


def test_a_layer_of_the_app_that_the_registry_lost_is_told_as_that(registry: World) -> None:
    before = registry.digest("app:1")
    del registry.fake.repository("app").blobs[OWN[0].digest]
    with pytest.raises(TransportError) as caught:
        run_once(registry)
    assert caught.value.code == "manifest-blob-unknown"
    assert registry.digest("app:1") == before


def test_a_base_on_another_registry_is_streamed(registry: World) -> None:
    registry.put(f"{OTHER}/base:2", an_image(NEW, env=["PATH=/bin", "V=3"]))
    registry.fake.wire.forget()
    run = registry.rebase("app:1", f"{OTHER}/base:2", "base:1")
    assert [run.receipt.blobs[digest] for digest in MOVED] == [How.COPIED] * 3 + [How.PRESENT] * 2
    assert not [line for line in registry.fake.wire.lines if "mount=" in line]
    assert not [line for line in registry.writes if OTHER in line]
    assert env(registry.image("app:1")) == ["PATH=/bin", "V=3"]


def test_a_base_on_another_registry_that_is_here_already_is_not_streamed_again(registry: World) -> None:
    registry.put(f"{OTHER}/base:2", an_image(NEW))
    for layer in NEW:
        registry.fake.put_blob("app", layer.content)
    run = registry.rebase("app:1", f"{OTHER}/base:2", "base:1")
    assert [run.receipt.blobs[digest] for digest in MOVED] == [How.PRESENT] * 5


def test_a_base_that_lies_about_a_layer_is_not_taken(registry: World) -> None:
    other = FakeRegistry(host=OTHER, wire=registry.fake.wire)
    registry.put(f"{OTHER}/base:2", an_image(NEW))
    content = NEW[1].content
    other.repository("base").blobs[NEW[1].digest] = content[:-1] + b"x"
    before = registry.digest("app:1")
    with pytest.raises((ImageError, TransportError)):
        registry.run(registry.request("app:1", f"{OTHER}/base:2", "base:1"))
    assert registry.digest("app:1") == before
    assert NEW[1].digest not in registry.fake.repository("app").blobs


# Other destinations


def put_many(world: World) -> None:
    """An image for two platforms, with attestations, an artifact, and a base for both."""
    amd, arm = an_image(OLD), an_image(layers_of("arm"), platform=ARM64)
    world.put("base:1", an_index([amd, arm]))
    world.put("base:2", an_index([an_image(NEW), an_image(layers_of("new arm"), platform=ARM64)]))
    images = [built_on(amd), built_on(arm, layers_of("own arm"))]
    chart = an_image(layers_of("chart"))
    config = {**chart.config_descriptor.raw, "mediaType": "application/vnd.cncf.helm.config.v1+json"}
    artifact = an_image(chart.layers, manifest_members={"config": config})
    world.put("app:1", an_index([*images, *map(attestation, images), artifact]))


@pytest.mark.parametrize("place", ["elsewhere:1", f"{OTHER}/elsewhere:1"])
@pytest.mark.parametrize("platforms", [(), (parse_platform(ARM64),)], ids=["all", "one"])
def test_an_index_goes_elsewhere_whole(registry: World, place: str, platforms: tuple[object, ...]) -> None:
    put_many(registry)
    before = registry.digest("app:1")
    rebase(registry, place, platforms=platforms)  # checks that everything is there
    entries = registry.index(place).view.manifests
    attested = sum(entry.is_attestation for entry in entries)
    assert (len(entries), attested) == ((4, 1) if platforms else (3, 0))
    assert registry.digest("app:1") == before


def test_an_index_goes_from_a_registry_into_a_layout(registry: World, tmp_path: Path) -> None:
    put_many(registry)
    request = registry.request("app:1", "base:2", "base:1", tags=[])
    target = registry.reference("app:1").with_tag("1")
    there = World(tmp_path, registry.fake)
    target = there.reference("copy:1")
    run = registry.run(type(request)(request.image, request.new_base, request.old_base, (target,)))
    assert outcome(run) is Outcome.REBASE
    assert_valid(registry.places.open(target.repository), "1")


def test_an_image_goes_from_a_layout_into_a_registry(layout: World) -> None:
    run = layout.rebase("app:1", "base:2", "base:1", tags=["registry.test/app:1", "app:1"])
    assert layout.fake.tags("app") == {"1": run.document.digest if run.document else ""}
    assert blobs(layout.image("registry.test/app:1")) == MOVED


@pytest.mark.parametrize("place", ["elsewhere:1", f"{OTHER}/elsewhere:1"])
def test_an_unchanged_image_goes_elsewhere_as_it_is(registry: World, place: str) -> None:
    put_many(registry)
    before = registry.digest("app:1")
    state = dict(registry.state())
    run = registry.rebase("app:1", new="base:1", tags=[place])
    assert outcome(run) is Outcome.UNCHANGED
    assert registry.digest(place) == before
    assert len(registry.index(place).view.manifests) == 5
    assert {name: kept for name, kept in registry.state().items() if name in state and name != "elsewhere"} == {
        name: kept for name, kept in state.items() if name != "elsewhere"
    }


def test_what_is_there_already_is_not_stored_again(registry: World) -> None:
    rebase(registry, f"{OTHER}/app:1")
    registry.fake.wire.forget()
    again = run_once(registry, f"{OTHER}/app:1")
    assert outcome(again) is Outcome.REBASE
    assert registry.pushed == []


def test_a_sparse_index_is_rebased_where_it_is(registry: World) -> None:
    put_many(registry)
    gone = registry.index("app:1").view.manifests[0]
    registry.fake.repository("app").manifests.pop(gone.digest)
    with pytest.raises(ImageNotFound):
        run_once(registry)
    with on_sparse(registry):
        request = registry.request("app:1", "base:2", "base:1", platforms=(parse_platform(ARM64),))
        run = registry.run(request)
    assert outcome(run) is Outcome.REBASE
    first, second, *_ = registry.index("app:1").view.manifests
    assert first == gone
    assert_valid(registry.store("app:1"), second.digest)


def on_sparse(world: World) -> AbstractContextManager[None]:
    """Let the registry take an index without looking whether its children are there, as some do."""

    def change(asked: Asked, site: Site) -> Told:
        told = site(asked)
        if told.status != 400 or b"MANIFEST_BLOB_UNKNOWN" not in whole(told):
            return told
        name = asked.path.rpartition("/")[2]
        world.fake.put_manifest("app", None if ":" in name else name, asked.body, asked.headers["content-type"])
        return Told(201)

    return on_the_way(world, change)


# Decisions


def test_a_dry_run_writes_nothing_and_tells_the_digest_of_a_real_one(registry: World) -> None:
    state = registry.state()
    tried = registry.rebase("app:1", "base:2", "base:1", dry_run=True)
    assert outcome(tried) is Outcome.REBASE
    assert registry.writes == []
    assert registry.state() == state
    real = rebase(registry)
    assert tried.document is not None
    assert real.document is not None
    assert tried.document.content == real.document.content


def test_a_dry_run_notices_a_tag_that_moved(registry: World) -> None:
    before = registry.digest("app:1")
    registry.put("app:1", an_image())
    with pytest.raises(TransportError) as caught:
        registry.run(registry.request(f"app:1@{before}", "base:2", "base:1", dry_run=True))
    assert caught.value.code == "tag-moved"


def test_one_refused_platform_holds_all_of_them(registry: World) -> None:
    put_many(registry)
    arm = an_image([*layers_of("other arm"), *layers_of("own")], platform=ARM64)
    before = registry.put("app:1", an_index([built_on(an_image(OLD)), arm]))
    state = registry.state()
    run = rebase(registry)
    assert refused(run) == ["not-descended"]
    assert registry.digest("app:1") == before
    assert registry.state() == state


def test_a_platform_that_the_base_lost_fails_before_any_push(registry: World) -> None:
    put_many(registry)
    registry.put("base:2", an_image(NEW))
    registry.fake.wire.forget()
    run = rebase(registry)  # a single image, not an index: it is there, but for another platform
    assert set(refused(run)) == {"platform-changed"}
    assert registry.pushed == []


def put_blocked(world: World) -> str | None:
    old = an_image(OLD, config={"WorkingDir": "/a"}, labels={"v": "1"})
    world.put("base:1", old)
    world.put("base:2", an_image(NEW, config={"WorkingDir": "/b"}, labels={"v": "2"}))
    return world.put("app:1", built_on(old, labels={"v": "mine"}))


def test_skip_pushes_nothing_and_is_no_failure(registry: World) -> None:
    before = put_blocked(registry)
    registry.fake.wire.forget()
    run = rebase(registry, "app:1", "app:next", policy=Policy("skip"))
    assert outcome(run) is Outcome.SKIP
    assert registry.pushed == []
    assert registry.fake.tags("app") == {"1": before}
    assert run.document is not None
    assert run.document.digest == before


def test_force_rebases_and_keeps_the_findings(registry: World) -> None:
    put_blocked(registry)
    run = rebase(registry, policy=Policy("force"))
    assert outcome(run) is Outcome.REBASE
    assert run.decision is not None
    assert [finding.check for finding in run.decision.blocking] == ["inherited-value"]
    assert settings(registry.image("app:1"))["WorkingDir"] == "/a"


@pytest.mark.parametrize("on_incompatible", ["force", "fail"])
def test_neither_force_nor_tolerate_passes_a_missing_seam(registry: World, on_incompatible: str) -> None:
    registry.put("app:1", an_image(OWN))
    policy = Policy(on_incompatible, tolerate={"not-descended": "I know better"})  # type: ignore[arg-type]
    assert refused(rebase(registry, policy=policy)) == ["not-descended"]


def test_a_tolerated_finding_does_not_block(registry: World) -> None:
    put_blocked(registry)
    run = rebase(registry, policy=Policy(tolerate={"inherited-value": "no layer depends on it"}))
    assert outcome(run) is Outcome.REBASE
    assert ("inherited-value", "/config/WorkingDir") in found(run)


def test_fail_on_warning_blocks_on_a_warning(registry: World) -> None:
    put_blocked(registry)
    tolerate = {"inherited-value": "no layer depends on it"}
    run = rebase(registry, policy=Policy(fail_on=Severity.WARNING, tolerate=tolerate))
    assert refused(run) == ["config-conflict"]


def test_fail_on_note_blocks_on_a_note(registry: World) -> None:
    registry.put("app:1", an_image([*OLD, *OWN], env=["PATH=/bin", "V=1"], history=None))
    assert outcome(rebase(registry, "app:next")) is Outcome.REBASE
    assert refused(rebase(registry, "app:next", policy=Policy(fail_on=Severity.NOTE))) == ["config-conflict"]


@pytest.mark.parametrize(("wish", "value"), [("app", "mine"), ("base", "2"), ("fail", "")])
def test_on_conflict_app_base_and_fail(registry: World, wish: str, value: str) -> None:
    old = an_image(OLD, labels={"v": "1"})
    registry.put("base:1", old)
    registry.put("base:2", an_image(NEW, labels={"v": "2"}))
    registry.put("app:1", an_image([*OLD, *OWN], labels={"v": "mine"}))
    run = rebase(registry, policy=Policy(conflicts_block=wish == "fail"), on_conflict=wish)
    if wish == "fail":
        assert refused(run) == ["config-conflict"]
    else:
        assert settings(registry.image("app:1"))["Labels"] == {"v": value}


def test_a_tag_that_was_used_again_for_another_base_is_not_the_old_base(registry: World) -> None:
    old = an_image(OLD)
    registry.put("reused:1", old)
    registry.put("app:1", built_on(old, annotations=recorded("registry.test/reused:1")))
    registry.put("reused:1", an_image(layers_of("something else")))
    run = registry.rebase("app:1", new="base:2")
    assert refused(run) == ["base-unknown"]
    assert run.decision is not None
    assert "of whose 1 layers the image begins with 0" in run.decision.because


def test_a_missing_new_base_is_an_error_of_the_registry_kind(registry: World) -> None:
    with pytest.raises(ImageNotFound) as caught:
        registry.run(registry.request("app:1", "base:gone", "base:1"))
    assert "base:gone" in caught.value.message


def test_a_missing_named_old_base_is_binding(registry: World) -> None:
    registry.put("app:1", built_on(an_image(OLD), annotations=recorded("registry.test/base:1")))
    with pytest.raises(ImageNotFound, match="base:gone"):
        registry.run(registry.request("app:1", "base:2", "base:gone"))


def test_the_stages_are_told_and_timed(registry: World) -> None:
    stages: list[str] = []
    run = registry.run(registry.request("app:1", "base:2", "base:1"), progress=stages.append)
    assert stages == ["read", "plan", "look", "check", "write"] == list(run.seconds)


def test_a_run_of_one_platform_in_the_same_registry_is_cheap(registry: World) -> None:
    """Requests and bytes are what a user waits for and registries throttle."""
    run_once(registry)
    layers = sum(len(layer.content) for layer in (*OLD, *NEW, *OWN))
    assert registry.traffic.bytes_down < layers
    assert len(registry.fake.wire.journal) <= 20


def test_an_index_stays_an_index(registry: World) -> None:
    put_many(registry)
    rebase(registry)
    assert isinstance(registry.manifest("app:1"), Index)


# The way back


def test_the_original_stays_reachable_under_a_tag_of_its_own(registry: World) -> None:
    before = registry.digest("app:1")
    run = registry.rebase("app:1", "base:2", "base:1", keep_original="{tag}-before-{digest}")
    kept = f"app:1-before-{str(before).removeprefix('sha256:')[:12]}"
    assert registry.digest(kept) == before
    assert [str(tag) for tag in run.receipt.kept] == [registry.name(kept)]


def test_an_original_is_kept_before_any_tag_moves_and_a_taken_tag_stops_it(registry: World) -> None:
    before = registry.digest("app:1")
    registry.put("app:previous", an_image(layers_of("an older original")))
    with pytest.raises(TransportError) as caught:
        registry.run(registry.request("app:1", "base:2", "base:1", keep_original="previous"))
    assert caught.value.code == "tag-taken"
    assert registry.digest("app:1") == before


def test_nothing_is_kept_of_a_tag_that_was_not_there_or_did_not_move(registry: World) -> None:
    run = registry.run(registry.request("app:1", "base:2", "base:1", ["app:new"], keep_original="{tag}-{digest}"))
    assert run.receipt.kept == []
    again = registry.run(registry.request("app:1", "base:1", "base:1", keep_original="{tag}-{digest}"))
    assert (outcome(again), again.receipt.kept) == (Outcome.UNCHANGED, [])
