"""Cases 31 to 33 and 46: where an image says what it is built on, and how far that is believed."""

from collections.abc import Callable

import pytest

from rebaser.decide import Outcome
from rebaser.errors import InputError
from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.request import Policy
from tests.builders import AnEntry, AnImage, AnIndex, an_image, an_index
from tests.runs import (
    NEW,
    OLD,
    World,
    blobs,
    built_on,
    found,
    labels,
    layers_of,
    material,
    outcome,
    provenance,
    recorded,
    refused,
)

NAME = "registry.test/base:12"
OLD_BASE, NEW_BASE = an_image(OLD), an_image(NEW)
RECORD = recorded(NAME, OLD_BASE.digest)
AMD64 = {"architecture": "amd64", "os": "linux"}


@pytest.fixture
def registry() -> World:
    """The base's tag has moved since the application was built; the old one is there by digest."""
    world = World()
    world.put("base:12", OLD_BASE)
    world.put("base:12", NEW_BASE)
    return world


def only_child(world: World, image: str = "app:1") -> list[str]:
    (child,) = world.children(image)
    return list(map(str, blobs(child)))[: len(NEW)]


MOVED = [str(layer.digest) for layer in NEW]


def test_case_31_on_the_manifest(registry: World) -> None:
    registry.put("app:1", built_on(OLD_BASE, annotations=RECORD))
    registry.rebase("app:1")
    assert registry.image("app:1").manifest.view.notes == recorded(NAME, NEW_BASE.digest)
    assert registry.image("app:1").layers[0].descriptor.digest == MOVED[0]


def test_case_31_on_the_index(registry: World) -> None:
    registry.put("app:1", an_index([built_on(OLD_BASE)], annotations={**RECORD, "mine": "kept"}))
    registry.rebase("app:1")
    assert only_child(registry) == MOVED
    assert registry.index("app:1").view.notes == {**recorded(NAME, NEW_BASE.digest), "mine": "kept"}


def test_case_31_on_the_entry_of_the_index(registry: World) -> None:
    entry = AnEntry(built_on(OLD_BASE), AMD64, {**RECORD, "mine": "kept"})
    registry.put("app:1", an_index([entry]))
    registry.rebase("app:1")
    assert only_child(registry) == MOVED
    assert registry.index("app:1").view.manifests[0].notes == {**recorded(NAME, NEW_BASE.digest), "mine": "kept"}
    assert registry.index("app:1").view.notes == {}


def test_case_31_in_a_nested_index(registry: World) -> None:
    nested = an_index([built_on(OLD_BASE)])
    registry.put("app:1", an_index([AnEntry(nested, None, RECORD)]))
    registry.rebase("app:1")
    outer = registry.index("app:1")  # what its entry for the inner index says afterwards is tests/plan's business
    assert only_child(registry, f"app@{outer.view.manifests[0].digest}") == MOVED


@pytest.mark.parametrize("family", ["oci", "docker"])
def test_case_31_in_labels_of_the_image_itself_with_a_warning(registry: World, family: str) -> None:
    registry.put("app:1", built_on(OLD_BASE, labels={**RECORD, "mine": "kept"}, family=family))
    run = registry.rebase("app:1")
    assert ("base-from-label", f"{NAME}@{OLD_BASE.digest}") in found(run)
    assert labels(registry.image("app:1")) == {**recorded(NAME, NEW_BASE.digest), "mine": "kept"}


def test_case_31_a_label_is_no_warning_where_the_old_base_is_named(registry: World) -> None:
    registry.put("app:1", built_on(OLD_BASE, labels=RECORD))
    run = registry.rebase("app:1", old=f"base@{OLD_BASE.digest}")
    assert "base-from-label" not in [check for check, _ in found(run)]


@pytest.mark.parametrize("version", ["v1", "v0.2"])
@pytest.mark.parametrize("nested", [False, True])
def test_case_31_in_the_provenance(registry: World, version: str, nested: bool) -> None:
    app = built_on(OLD_BASE)
    builder = an_image(layers_of("go"))
    registry.put("golang:1", builder)
    stages = [material("registry.test/golang@1", builder.digest), material("registry.test/base@12", OLD_BASE.digest)]
    index = an_index([app, provenance(app, *stages, version=version)])
    registry.put("app:1", an_index([index]) if nested else index)
    registry.rebase("app:1")
    outer = registry.index("app:1")
    image = f"app@{outer.view.manifests[0].digest}" if nested else "app:1"
    assert only_child(registry, image) == MOVED
    assert registry.children(image)[0].manifest.view.notes == recorded(NAME, NEW_BASE.digest)


def test_case_31_provenance_of_another_image_tells_nothing(registry: World) -> None:
    app = built_on(OLD_BASE)
    stated = provenance(app, material("registry.test/base@12", OLD_BASE.digest), about=NEW_BASE.digest)
    registry.put("app:1", an_index([app, stated]))
    with pytest.raises(InputError, match="nothing on the image names its base"):
        registry.rebase("app:1")
    assert refused(registry.rebase("app:1", new="base:12")) == ["base-unknown"]


def test_case_31_provenance_that_cannot_be_read_tells_nothing(registry: World) -> None:
    app = built_on(OLD_BASE)
    stated = provenance(app, material("registry.test/base@12", OLD_BASE.digest))
    registry.put("app:1", an_index([app, stated]))
    assert isinstance(stated.child, AnImage)
    registry.fake.repository("app").blobs.pop(stated.child.layers[0].digest)
    registry.fake.wire.forget()
    run = registry.run(registry.request("app:1", new="base:12"))
    assert refused(run) == ["base-unknown"]


def test_case_31_the_longest_proved_base_wins_over_the_first_said(registry: World) -> None:
    """A base of bases: the annotation tells of the lower one, the label of the upper one, and both are true."""
    middle, newer = built_on(OLD_BASE, layers_of("middle")), an_image([*NEW, *layers_of("newer")])
    registry.put("middle:1", middle)
    told = recorded("registry.test/middle:1", middle.digest)
    registry.put("app:1", built_on(middle, annotations=RECORD, labels=told))
    registry.put("middle:1", newer)
    registry.rebase("app:1")
    app = registry.image("app:1")
    assert blobs(app)[:4] == [layer.digest for layer in newer.layers]
    assert len(blobs(app)) == 6
    assert app.manifest.view.notes == recorded("registry.test/middle:1", newer.digest)


def test_case_31_a_false_saying_is_passed_over_and_told(registry: World) -> None:
    registry.put("other:1", an_image(layers_of("other")))
    false = recorded("registry.test/other:1", an_image(layers_of("other")).digest)
    registry.put("app:1", built_on(OLD_BASE, annotations=false, labels=RECORD))
    run = registry.rebase("app:1")
    assert blobs(registry.image("app:1"))[:3] == MOVED
    assert "of whose 1 layers the image begins with 0" in run.plans[0].rejected[0].what
    assert registry.image("app:1").manifest.view.notes == recorded(NAME, NEW_BASE.digest)


@pytest.mark.parametrize(
    "false", ["registry.test/gone:1", "gone.test/base:1", "registry.test/only-arm:1", "Not A Reference", "scratch:"]
)
def test_case_31_a_saying_that_leads_nowhere_does_not_hide_the_true_one(registry: World, false: str) -> None:
    registry.put("only-arm:1", an_index([an_image(OLD, platform="linux/arm64")]))
    app = an_index([AnEntry(built_on(OLD_BASE, annotations=recorded(false)), AMD64, RECORD)])
    registry.put("app:1", app)
    registry.rebase("app:1")
    assert only_child(registry) == MOVED


def test_case_31_nearer_places_are_believed_first(registry: World) -> None:
    """Manifest, entry, index: the name that is nearest to the image is the one that is followed."""
    for name in ("near", "middle", "far"):
        registry.put(f"{name}:1", OLD_BASE)
        registry.put(f"{name}:1", an_image(layers_of(f"new-{name}")))

    def told(name: str) -> dict[str, str]:
        return recorded(f"registry.test/{name}:1", OLD_BASE.digest)

    entry = AnEntry(built_on(OLD_BASE, annotations=told("near")), AMD64, told("middle"))
    registry.put("app:1", an_index([entry], annotations=told("far")))
    registry.rebase("app:1")
    assert blobs(registry.children("app:1")[0])[0] == layers_of("new-near")[0].digest


@pytest.mark.parametrize(
    "told",
    [
        {BASE_NAME: f"{NAME}@{OLD_BASE.digest}"},
        {BASE_NAME: f"registry.test/base@{OLD_BASE.digest}", BASE_DIGEST: OLD_BASE.digest},
    ],
    ids=["name is tag@digest", "name is digest"],
)
def test_case_31_a_pinned_name_does_not_lead_to_a_new_base_and_says_so(registry: World, told: dict[str, str]) -> None:
    before = registry.put("app:1", built_on(OLD_BASE, annotations=told))
    with pytest.raises(InputError, match="the annotation names a digest, which never gets a newer image") as caught:
        registry.rebase("app:1")
    assert caught.value.problems[0].name == "new-base"
    assert registry.digest("app:1") == before
    assert outcome(registry.rebase("app:1", new="base:12")) is Outcome.REBASE
    assert registry.image("app:1").manifest.view.notes == recorded(NAME, NEW_BASE.digest)


def test_case_31_a_digest_alone_is_found_beside_the_image_but_leads_to_no_new_base(registry: World) -> None:
    registry.put("app:base", OLD_BASE)
    registry.put("app:1", built_on(OLD_BASE, annotations={BASE_DIGEST: OLD_BASE.digest}))
    with pytest.raises(InputError, match="cannot be derived"):
        registry.rebase("app:1")
    assert outcome(registry.rebase("app:1", new="base:12")) is Outcome.REBASE


def test_case_31_a_name_alone_holds_while_the_tag_has_not_moved(registry: World) -> None:
    registry.put("base:13", OLD_BASE)
    registry.put("app:1", built_on(OLD_BASE, annotations=recorded("registry.test/base:13")))
    assert outcome(registry.rebase("app:1", new="base:12")) is Outcome.REBASE
    registry.put("app:2", built_on(OLD_BASE, annotations=recorded(NAME)))
    assert refused(registry.rebase("app:2", new="base:12")) == ["base-unknown"]


def test_case_31_a_new_base_named_by_digest_keeps_the_name_of_before(registry: World) -> None:
    registry.put("app:1", built_on(OLD_BASE, annotations=RECORD))
    registry.rebase("app:1", new=f"base@{NEW_BASE.digest}")
    assert registry.image("app:1").manifest.view.notes == recorded(NAME, NEW_BASE.digest)


@pytest.mark.parametrize(
    "written", ["debian:12", "library/debian:12", "docker.io/debian:12", "index.docker.io/debian:12"]
)
def test_case_32_a_name_without_registry_is_docker_hubs(registry: World, written: str) -> None:
    registry.fake.wire.sites["registry-1.docker.io"] = registry.fake.handle
    registry.put("docker.io/library/debian:12", OLD_BASE)
    registry.put("docker.io/library/debian:12", NEW_BASE)
    registry.put("app:1", built_on(OLD_BASE, annotations=recorded(written, OLD_BASE.digest)))
    registry.rebase("app:1")
    assert registry.image("app:1").manifest.view.notes == recorded("docker.io/library/debian:12", NEW_BASE.digest)


def test_case_33_the_digest_may_be_the_index_or_the_image_in_it() -> None:
    arm = an_image(layers_of("arm"), platform="linux/arm64")
    old, new = an_index([arm, OLD_BASE]), an_index([arm, NEW_BASE])
    for told in (old.digest, OLD_BASE.digest):
        world = World()
        world.put("base:12", old)
        world.put("base:12", new)
        world.put("app:1", built_on(OLD_BASE, annotations=recorded(NAME, told)))
        world.rebase("app:1")
        assert blobs(world.image("app:1"))[:3] == MOVED
        assert world.image("app:1").manifest.view.notes == recorded(NAME, new.digest)


def test_case_33_either_digest_makes_an_image_current() -> None:
    arm = an_image(layers_of("arm"), platform="linux/arm64")
    base = an_index([arm, OLD_BASE])
    for told in (base.digest, OLD_BASE.digest):
        world = World()
        world.put("base:12", base)
        world.put("app:1", built_on(OLD_BASE, annotations=recorded(NAME, told)))
        assert outcome(world.rebase("app:1")) is Outcome.UNCHANGED


Named = Callable[[AnIndex], str]


@pytest.mark.parametrize(
    "named", [lambda index: index.digest, lambda index: index.children[1].digest], ids=["index", "image in it"]
)
def test_case_33_either_digest_may_be_given_as_old_base(named: Named) -> None:
    world = World()
    old = an_index([an_image(layers_of("arm"), platform="linux/arm64"), OLD_BASE])
    world.put("base:1", old)
    world.put("base:2", NEW_BASE)
    world.put("app:1", built_on(OLD_BASE))
    assert outcome(world.rebase("app:1", new="base:2", old=f"base@{named(old)}")) is Outcome.REBASE


def forget_old_base(world: World) -> None:
    world.fake.repository("base").manifests.pop(OLD_BASE.digest)


def test_case_46_a_deleted_old_base_is_refused_and_named(registry: World) -> None:
    forget_old_base(registry)
    before = registry.put("app:1", built_on(OLD_BASE, annotations=RECORD))
    run = registry.rebase("app:1")
    assert refused(run) == ["old-base-gone"]
    assert run.decision is not None
    assert f"{NAME}@{OLD_BASE.digest}, which is not there" in run.decision.because
    assert registry.digest("app:1") == before


def test_case_46_a_copy_beside_the_image_is_found(registry: World) -> None:
    forget_old_base(registry)
    registry.put("app:base", OLD_BASE)
    registry.put("app:1", built_on(OLD_BASE, annotations=RECORD))
    assert outcome(registry.rebase("app:1")) is Outcome.REBASE


def test_case_46_another_image_with_the_same_layers_does_not_stand_in_for_the_base_that_is_gone(
    registry: World,
) -> None:
    """Nobody knows its config; taking the tag's new one for it would leave old values in place without a word."""
    registry.put("base:13", an_image(OLD, env=["V=2"]))
    app = built_on(an_image(OLD, env=["V=1"]), annotations=recorded("registry.test/base:13", OLD_BASE.digest))
    registry.put("app:1", app)
    forget_old_base(registry)
    assert refused(registry.rebase("app:1")) == ["old-base-gone"]
    assert refused(registry.rebase("app:1", new="base:12")) == ["old-base-gone"]


def test_case_46_naming_a_copy_in_a_mirror_helps(registry: World) -> None:
    forget_old_base(registry)
    registry.put("mirror/base:old", OLD_BASE)
    registry.put("app:1", built_on(OLD_BASE, annotations=RECORD))
    assert outcome(registry.rebase("app:1", old="mirror/base:old")) is Outcome.REBASE


def test_case_46_force_does_not_help(registry: World) -> None:
    forget_old_base(registry)
    registry.put("app:1", built_on(OLD_BASE, annotations=RECORD))
    run = registry.rebase("app:1", policy=Policy("force", tolerate={"old-base-gone": "I want it"}))
    assert refused(run) == ["old-base-gone"]
