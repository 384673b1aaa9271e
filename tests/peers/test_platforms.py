"""Cases 34 to 37 and 42: images for several platforms, what stands beside them, and bases for other machines."""

import json

import pytest

from rebaser.decide import Outcome
from rebaser.errors import ImageError, InputError
from rebaser.oci import annotations, media_types
from rebaser.oci.manifest import Index
from rebaser.oci.platform import Platform, parse_platform
from rebaser.oci.strict_json import JsonObject
from rebaser.request import Policy
from tests.builders import AnEntry, AnImage, AnIndex, a_layer, an_image, an_index, attestation
from tests.runs import NEW, OLD, World, blobs, built_on, layers_of, notices, outcome, recorded, refused

ARM64, ARMV7 = "linux/arm64", "linux/arm/v7"


def an_os(platform: str, version: str, **more: object) -> AnImage:
    return an_image([a_layer({platform: version})], platform=platform, env=[f"V={version}"], **more)  # type: ignore[arg-type]


def put_bases(world: World, *platforms: str, new: tuple[str, ...] | None = None) -> dict[str, AnImage]:
    old = {platform: an_os(platform, "1") for platform in platforms}
    world.put("base:1", an_index(list(old.values())))
    world.put("base:2", an_index([an_os(platform, "2") for platform in (platforms if new is None else new)]))
    return old


def on(world: World, image: str = "app:1") -> dict[str, str]:
    """Return the version of the base that each platform stands on."""
    moved = {an_os(str(child.platform), "2").layers[0].digest: "2" for child in world.children(image)}
    return {str(child.platform): moved.get(blobs(child)[0], "1") for child in world.children(image)}


def test_case_34_every_platform_is_rebased_on_its_own(world: World) -> None:
    old = put_bases(world, "linux/amd64", ARM64, ARMV7)
    world.put("app:1", an_index([built_on(old[name]) for name in (ARMV7, "linux/amd64", ARM64)]))
    world.rebase("app:1", new="base:2", old="base:1")
    assert on(world) == {ARMV7: "2", "linux/amd64": "2", ARM64: "2"}


def test_case_34_a_platform_that_the_new_base_lost_fails_before_any_push(world: World) -> None:
    old = put_bases(world, "linux/amd64", ARM64, new=("linux/amd64",))
    world.put("app:1", an_index([built_on(old["linux/amd64"]), built_on(old[ARM64])]))
    state, written = world.state(), world.pushed
    with pytest.raises(ImageError, match="has no image for linux/arm64; it has linux/amd64") as caught:
        world.rebase("app:1", new="base:2", old="base:1")
    assert caught.value.code == "platform-missing"
    assert "`platforms`" in caught.value.remedy
    assert world.state() == state
    assert world.pushed == written


def test_case_34_the_lost_platform_can_be_kept_as_it_is(world: World) -> None:
    old = put_bases(world, "linux/amd64", ARM64, new=("linux/amd64",))
    world.put("app:1", an_index([built_on(old["linux/amd64"]), built_on(old[ARM64])]))
    world.rebase("app:1", new="base:2", old="base:1", platforms=(Platform("linux", "amd64"),))
    assert on(world) == {"linux/amd64": "2", ARM64: "1"}


@pytest.mark.parametrize(("app", "base"), [("v8", ""), ("", "v8"), ("v8", "v8")])
def test_case_34_arm64_and_its_v8_are_one(world: World, app: str, base: str) -> None:
    base_platform, app_platform = (f"{ARM64}/{variant}".rstrip("/") for variant in (base, app))
    old = an_os(base_platform, "1")
    world.put("base:1", an_index([old, an_image()]))
    world.put("base:2", an_index([an_image(), an_os(base_platform, "2")]))
    world.put("app:1", an_index([built_on(old, platform=app_platform)]))
    world.rebase("app:1", new="base:2", old="base:1")
    assert blobs(world.children("app:1")[0])[0] == an_os(base_platform, "2").layers[0].digest


def test_case_34_the_nearest_variant_of_arm_that_the_machine_runs(world: World) -> None:
    old = put_bases(world, "linux/arm/v6", new=("linux/arm/v5", "linux/arm/v6", "linux/arm/v8"))
    world.put("app:1", an_index([built_on(old["linux/arm/v6"], platform=ARMV7)]))
    world.rebase("app:1", new="base:2", old="base:1")
    assert blobs(world.children("app:1")[0])[0] == an_os("linux/arm/v6", "2").layers[0].digest


def test_case_34_an_app_for_v6_gets_no_base_for_v7(world: World) -> None:
    old = put_bases(world, "linux/arm/v6", new=(ARMV7,))
    world.put("app:1", an_index([built_on(old["linux/arm/v6"])]))
    with pytest.raises(ImageError, match="has no image for linux/arm/v6"):
        world.rebase("app:1", new="base:2", old="base:1")


def windows(build: str) -> AnEntry:
    image = an_os("windows/amd64", build, config_members={"os.version": build})
    return AnEntry(image, {"architecture": "amd64", "os": "windows", "os.version": build})


def test_case_34_windows_keeps_its_build_and_gets_its_newest_revision(world: World) -> None:
    old = windows("10.0.17763.1")
    assert isinstance(old.child, AnImage)
    world.put("base:1", an_index([old]))
    world.put("base:2", an_index([windows("10.0.20348.9"), windows("10.0.17763.2"), windows("10.0.17763.11")]))
    app = built_on(old.child, config_members={"os.version": "10.0.17763.1"})
    world.put("app:1", an_index([AnEntry(app, old.platform)]))
    world.rebase("app:1", new="base:2", old="base:1")
    assert world.children("app:1")[0].config.view.os_version == "10.0.17763.11"
    platform = world.index("app:1").view.manifests[0].platform
    assert platform is not None
    assert platform.os_version == "10.0.17763.11"


def test_case_34_an_app_for_v6_of_which_only_the_index_tells_gets_no_base_for_v7(world: World) -> None:
    def entry(name: str, variant: str) -> AnEntry:
        image = an_image([a_layer({variant: name})], platform="linux/arm")
        return AnEntry(image, {"os": "linux", "architecture": "arm", "variant": variant})

    old, v7, v6 = entry("old", "v6"), entry("new", "v7"), entry("new", "v6")
    assert isinstance(old.child, AnImage)
    assert isinstance(v6.child, AnImage)
    world.put("base:1", an_index([old]))
    world.put("base:2", an_index([v7, v6]))
    world.put("app:1", an_index([AnEntry(built_on(old.child), old.platform)]))
    world.rebase("app:1", new="base:2", old="base:1")
    assert blobs(world.children("app:1")[0])[0] == v6.child.layers[0].digest


def test_case_34_windows_keeps_the_build_of_which_only_the_index_tells(world: World) -> None:
    def entry(build: str) -> AnEntry:
        platform: JsonObject = {"architecture": "amd64", "os": "windows", "os.version": build}
        return AnEntry(an_os("windows/amd64", build), platform)

    old = entry("10.0.17763.1")
    assert isinstance(old.child, AnImage)
    world.put("base:1", an_index([old]))
    world.put("base:2", an_index([entry("10.0.17763.2"), entry("10.0.20348.9")]))
    world.put("app:1", an_index([AnEntry(built_on(old.child), old.platform)]))
    world.rebase("app:1", new="base:2", old="base:1")
    platform = world.index("app:1").view.manifests[0].platform
    assert platform is not None
    assert platform.os_version == "10.0.17763.2"


def with_attestations(*images: AnImage) -> AnIndex:
    return an_index([*images, *(attestation(image) for image in images)])


def test_case_35_attestations_of_what_moved_are_dropped_and_told(world: World) -> None:
    old = put_bases(world, "linux/amd64", ARM64)
    images = [built_on(old["linux/amd64"]), built_on(old[ARM64])]
    world.put("app:1", with_attestations(*images))
    run = world.rebase("app:1", new="base:2", old="base:1")
    assert len(world.index("app:1").view.manifests) == 2
    assert on(world) == {"linux/amd64": "2", ARM64: "2"}
    dropped = [attestation(image).child.digest for image in images]
    assert [notice for notice in notices(run) if "its subject has been replaced" in notice] == [
        f"The attestation {digest} is dropped: its subject has been replaced" for digest in dropped
    ]


def test_case_35_the_attestation_of_a_kept_platform_is_kept(world: World) -> None:
    old = put_bases(world, "linux/amd64", ARM64)
    images = [built_on(old["linux/amd64"]), built_on(old[ARM64])]
    world.put("app:1", with_attestations(*images))
    world.rebase("app:1", new="base:2", old="base:1", platforms=(parse_platform(ARM64),))
    entries = world.index("app:1").view.manifests
    assert [entry.digest for entry in entries if entry.is_attestation] == [attestation(images[0]).child.digest]
    standing = {entry.digest for entry in entries}
    assert all(e.notes[annotations.DOCKER_REFERENCE_DIGEST] in standing for e in entries if e.is_attestation)


def test_case_35_the_bases_own_attestations_are_no_platforms(world: World) -> None:
    old, new = an_os("linux/amd64", "1"), an_os("linux/amd64", "2")
    world.put("base:1", with_attestations(old))
    world.put("base:2", with_attestations(new))
    world.put("app:1", with_attestations(built_on(old)))
    world.rebase("app:1", new="base:2", old="base:1")
    assert on(world) == {"linux/amd64": "2"}


def test_case_35_attestations_with_subject_and_artifact_type_are_no_platforms(world: World) -> None:
    """As BuildKit writes them since 0.28."""
    old = put_bases(world, "linux/amd64")
    app = built_on(old["linux/amd64"])
    stated = attestation(app)
    child = an_image(
        [a_layer({"statement": ""}, media_type="application/vnd.in-toto+json")],
        platform="unknown/unknown",
        manifest_members={"subject": dict(app.descriptor.raw), "artifactType": "application/vnd.docker.attestation"},
    )
    world.put("app:1", an_index([app, AnEntry(child, stated.platform, stated.annotations)]))
    world.rebase("app:1", new="base:2", old="base:1")
    assert on(world) == {"linux/amd64": "2"}


def test_case_36_signatures_and_referrers_stay_with_the_old_digest(registry: World) -> None:
    old = put_bases(registry, "linux/amd64")
    app = built_on(old["linux/amd64"])
    before = registry.put("app:1", app)
    signed = an_image([a_layer({"signature": ""})], manifest_members={"subject": dict(app.descriptor.raw)})
    registry.put(f"app:{before.replace(':', '-')}.sig", signed)
    tags = dict(registry.fake.tags("app"))
    registry.rebase("app:1", new="base:2", old="base:1")
    after = registry.digest("app:1")
    assert after != before
    assert registry.fake.tags("app") == {**tags, "1": after}
    manifests = [json.loads(content) for _, content in registry.fake.repository("app").manifests.values()]
    assert [manifest["subject"]["digest"] for manifest in manifests if "subject" in manifest] == [before]


def test_case_36_an_index_that_is_a_referrer_loses_its_subject(world: World) -> None:
    old = put_bases(world, "linux/amd64")
    subject = dict(old["linux/amd64"].descriptor.raw)
    world.put("app:1", an_index([built_on(old["linux/amd64"])], members={"subject": subject}))
    world.rebase("app:1", new="base:2", old="base:1")
    assert "subject" not in world.index("app:1").document.json


@pytest.mark.parametrize("wanted", ["linux/amd64", ARM64])
@pytest.mark.parametrize("tags", [["app:1"], ["app:1", "elsewhere:1"], ["elsewhere:2"]])
def test_case_37_a_chosen_platform_never_replaces_the_index(world: World, wanted: str, tags: list[str]) -> None:
    old = put_bases(world, "linux/amd64", ARM64)
    world.put("app:1", an_index([built_on(old["linux/amd64"]), built_on(old[ARM64])]))
    world.rebase("app:1", new="base:2", old="base:1", tags=tags, platforms=(parse_platform(wanted),))
    for tag in tags:
        assert isinstance(world.manifest(tag), Index)
        assert on(world, tag) == {"linux/amd64": "1", ARM64: "1", wanted: "2"}


def test_case_37_a_base_record_of_the_index_goes_when_a_platform_stays(registry: World) -> None:
    old = put_bases(registry, "linux/amd64", ARM64)
    told = recorded("registry.test/base:1", registry.digest("base:1"))
    registry.put("app:1", an_index([built_on(old["linux/amd64"]), built_on(old[ARM64])], annotations=told))
    registry.rebase("app:1", new="base:2", platforms=(parse_platform(ARM64),))
    assert registry.index("app:1").view.notes == {}
    assert registry.children("app:1")[1].manifest.view.notes[annotations.BASE_NAME] == "registry.test/base:2"


def test_case_37_platforms_one_after_the_other_come_to_the_same_as_all_at_once() -> None:
    digests = set()
    for rounds in (((),), (("linux/amd64",), (ARM64,))):
        world = World()
        old = put_bases(world, "linux/amd64", ARM64)
        world.put("app:1", an_index([built_on(old["linux/amd64"]), built_on(old[ARM64])]))
        for names in rounds:
            platforms = tuple(parse_platform(name) for name in names)
            world.rebase("app:1", new="base:2", old="base:1", platforms=platforms)
        digests.add(world.digest("app:1"))
    assert len(digests) == 1


def test_case_37_a_platform_that_the_image_lacks_is_a_wrong_input(world: World) -> None:
    old = put_bases(world, "linux/amd64")
    world.put("app:1", an_index([built_on(old["linux/amd64"])]))
    with pytest.raises(InputError, match="linux/riscv64 is not a platform of"):
        world.rebase("app:1", new="base:2", old="base:1", platforms=(parse_platform("linux/riscv64"),))


@pytest.mark.parametrize("policy", [Policy(), Policy("force"), Policy(tolerate={"platform-changed": "I know"})])
@pytest.mark.parametrize("other", [ARM64, "linux/386", "windows/amd64", "linux/amd64/v3"])
def test_case_42_another_machine_is_refused_whatever_the_policy(world: World, other: str, policy: Policy) -> None:
    """The distribution and its version are in the layers, and are looked at by checks of those."""
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW, platform=other))
    before = world.put("app:1", built_on(old))
    assert refused(world.rebase("app:1", new="base:2", old="base:1", policy=policy)) == ["platform-changed"]
    assert world.digest("app:1") == before


def test_case_42_an_index_without_the_machine_is_an_error(world: World) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_index([an_image(NEW, platform="linux/amd64/v3"), an_image(NEW, platform=ARM64)]))
    world.put("app:1", built_on(old))
    with pytest.raises(ImageError, match="has no image for linux/amd64; it has linux/amd64/v3, linux/arm64"):
        world.rebase("app:1", new="base:2", old="base:1")


def test_case_42_a_base_for_older_machines_is_fine(world: World) -> None:
    old = an_image(OLD, platform="linux/amd64/v3")
    world.put("base:1", old)
    world.put("base:2", an_image(NEW, platform="linux/amd64"))
    world.put("app:1", built_on(old))
    assert outcome(world.rebase("app:1", new="base:2", old="base:1")) is Outcome.REBASE
    assert str(world.image("app:1").platform) == "linux/amd64/v3"


def test_case_42_an_index_that_contradicts_its_image_is_an_error(world: World) -> None:
    old = an_image(OLD)
    lying = AnEntry(an_image(NEW, platform=ARM64), {"architecture": "amd64", "os": "linux"})
    world.put("base:1", old)
    world.put("base:2", an_index([lying]))
    world.put("app:1", built_on(old))
    with pytest.raises(ImageError, match="is for linux/amd64, the image itself that it is for linux/arm64"):
        world.rebase("app:1", new="base:2", old="base:1")


def test_entries_that_are_no_images_stay_where_they_are(world: World) -> None:
    """Case 47: artifacts in an index."""
    old = put_bases(world, "linux/amd64")
    chart = an_image([a_layer({"chart": ""}, media_type="application/vnd.cncf.helm.chart.content.v1.tar+gzip")])
    config: JsonObject = {**chart.config_descriptor.raw, "mediaType": media_types.OCI_EMPTY}
    artifact = an_image(chart.layers, manifest_members={"config": config, "artifactType": "application/vnd.x"})
    entry = AnEntry(artifact, members={"artifactType": "application/vnd.x"})
    plain = AnEntry(artifact, annotations={"plain": "its type is not told"})
    world.put("app:1", an_index([entry, built_on(old["linux/amd64"]), plain]))
    world.rebase("app:1", new="base:2", old="base:1", tags=["app:1", "elsewhere:1"])
    first, _, last = world.index("elsewhere:1").view.manifests
    assert first.raw == {**artifact.descriptor.raw, "artifactType": "application/vnd.x"}
    assert last.notes == {"plain": "its type is not told"}


def test_an_entry_that_says_it_is_an_image_is_one(world: World) -> None:
    """`artifactType` of an entry may repeat the type of the image's config. image-spec descriptor.md."""
    old = put_bases(world, "linux/amd64")
    entry = AnEntry(built_on(old["linux/amd64"]), None, None, {"artifactType": media_types.OCI_CONFIG})
    world.put("app:1", an_index([entry]))
    world.rebase("app:1", new="base:2", old="base:1")
    assert blobs(world.children("app:1")[0])[0] == an_os("linux/amd64", "2").layers[0].digest


def test_a_base_index_that_tells_no_platforms_is_asked_its_images(world: World) -> None:
    """`platform` of an entry is optional: `podman manifest add` of an OCI archive leaves it out."""
    old, new = an_image(OLD), an_image(NEW)
    arm = AnEntry(an_image(layers_of("arm"), platform=ARM64))
    world.put("base:1", an_index([arm, AnEntry(old)]))
    world.put("base:2", an_index([arm, AnEntry(new)]))
    world.put("app:1", built_on(old))
    world.rebase("app:1", new="base:2", old="base:1")
    assert blobs(world.image("app:1"))[:3] == [layer.digest for layer in NEW]
