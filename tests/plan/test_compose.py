"""What is written: manifests and indexes of one family, nothing in them that is no longer true."""

from collections.abc import Sequence

import pytest

from rebaser.errors import ImageError
from rebaser.oci import media_types
from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.oci.digest import Digest
from rebaser.oci.manifest import Index, Manifest, parse_manifest
from rebaser.oci.reference import parse_reference
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.compose import compose
from rebaser.plan.draft import plan_platform
from rebaser.plan.model import Base, Branch, Child, Kept, Node, Plan, PlatformPlan, Trio, Wishes
from rebaser.request import ManifestFormat
from tests.builders import (
    AnEntry,
    AnImage,
    AnIndex,
    a_layer,
    an_image,
    an_index,
    as_image,
    as_index,
    attestation,
    buildkit,
)
from tests.plan.scene import base_of

HOME = parse_reference("registry.example/app").repository
OLD_LAYER, NEW_LAYER, OWN_LAYER = (a_layer({name: ""}) for name in ("old", "new", "own"))
OLD, NEW = an_image([OLD_LAYER], history=[buildkit("RUN base")]), an_image([NEW_LAYER], history=[buildkit("RUN base")])
NAME = "registry.example/debian:12"


def an_app(**members: Json) -> AnImage:
    return an_image([OLD_LAYER, OWN_LAYER], manifest_members=members)


def node_of(value: AnImage | AnIndex) -> Node:
    """The tree as it is gathered: attestations and whatever is no image are kept."""
    if isinstance(value, AnImage):
        return Child(None, as_image(value))
    index = as_index(value)
    entries: list[Node] = []
    for descriptor, child in zip(index.view.manifests, value.children, strict=True):
        if descriptor.is_attestation or descriptor.artifact_type:
            entries.append(Kept(descriptor))
        elif isinstance(child, AnIndex):
            below = node_of(child)
            assert isinstance(below, Branch)
            entries.append(Branch(descriptor, below.index, below.entries))
        else:
            entries.append(Child(descriptor, as_image(child)))
    return Branch(None, index, tuple(entries))


def plan_for(path: tuple[int, ...], app: AnImage, old: Base | None = None, new: Base | None = None) -> PlatformPlan:
    trio = Trio(as_image(app), old or base_of(as_image(OLD)), new or base_of(as_image(NEW)))
    return plan_platform(path, trio, (), Wishes())


def composed(
    value: AnImage | AnIndex, plans: Sequence[PlatformPlan], manifest_format: ManifestFormat = "oci"
) -> tuple[Plan, Manifest | Index]:
    plan = compose(node_of(value), plans, HOME, Wishes(manifest_format=manifest_format))
    root = plan.root
    return plan, parse_manifest(root.media_type, root.content, root.digest)


def manifest_of(app: AnImage, manifest_format: ManifestFormat = "oci", new: AnImage = NEW) -> tuple[Plan, JsonObject]:
    plan, _ = composed(app, [plan_for((), app, new=base_of(as_image(new)))], manifest_format)
    return plan, plan.root.json


def notes_of(app: AnImage, old: AnImage = OLD, new: AnImage = NEW) -> dict[str, Json]:
    plan, _ = composed(app, [plan_for((), app, base_of(as_image(old)), base_of(as_image(new)))])
    notes = plan.root.json["annotations"]
    assert isinstance(notes, dict)
    return {key: value for key, value in notes.items() if key not in (BASE_NAME, BASE_DIGEST)}


# One manifest


def test_the_new_base_s_layers_stand_under_the_application_s() -> None:
    plan, manifest = manifest_of(an_app())
    assert [layer["digest"] for layer in _objects(manifest["layers"])] == [NEW_LAYER.digest, OWN_LAYER.digest]
    assert manifest["annotations"] == {BASE_NAME: NAME, BASE_DIGEST: NEW.digest}
    assert list(manifest) == ["schemaVersion", "mediaType", "config", "layers", "annotations"]
    assert plan.notices == ()


def test_each_blob_comes_from_where_it_is() -> None:
    plan, _ = manifest_of(an_app())
    sources = [(blob.descriptor.digest, str(blob.source) if blob.source else None) for blob in plan.blobs]
    assert sources[:2] == [(NEW_LAYER.digest, "registry.example/debian"), (OWN_LAYER.digest, "registry.example/app")]
    assert (sources[2][1], plan.blobs[2].content is not None, len(sources)) == (None, True, 3)


def test_a_layer_that_registries_do_not_store_is_not_moved() -> None:
    foreign = a_layer({"own": ""}, media_type=media_types.OCI_FOREIGN_GZIP)
    app = an_image([OLD_LAYER, foreign])
    plan, manifest = manifest_of(app)
    assert foreign.digest not in [blob.descriptor.digest for blob in plan.blobs]
    assert _objects(manifest["layers"])[1]["mediaType"] == media_types.OCI_FOREIGN_GZIP


def test_data_of_the_old_config_is_dropped_and_other_members_stay() -> None:
    app = an_app()
    old: JsonObject = {**app.config_descriptor.raw}
    changed = an_app(config={**old, "data": "e30=", "annotations": {"a": "1"}}, artifactType="x/y", vendor=1)
    _, manifest = manifest_of(changed)
    assert _object(manifest["config"])["annotations"] == {"a": "1"}
    assert "data" not in _object(manifest["config"])
    assert (manifest["artifactType"], manifest["vendor"]) == ("x/y", 1)


def test_an_annotation_that_a_builder_inherited_follows_the_new_base() -> None:
    notes = {"version": "1", "gone": "1", "own": "x"}
    app = an_image([OLD_LAYER, OWN_LAYER], annotations=notes)
    old = an_image([OLD_LAYER], annotations={"version": "1", "gone": "1"})
    new = an_image([NEW_LAYER], annotations={"version": "2", "more": "1"})
    assert notes_of(app, old, new) == {"version": "2", "more": "1", "own": "x"}


def test_annotations_that_were_not_inherited_stay_as_they_are() -> None:
    app = an_image([OLD_LAYER, OWN_LAYER], annotations={"own": "x", "title": "app"})
    old = an_image([OLD_LAYER], annotations={"version": "1", "title": "base"})
    new = an_image([NEW_LAYER], annotations={"version": "2", "more": "1", "title": "new base"})
    assert notes_of(app, old, new) == {"own": "x", "title": "app"}


def test_a_record_from_before_is_renewed_in_its_place() -> None:
    app = an_image([OLD_LAYER, OWN_LAYER], annotations={BASE_DIGEST: "sha256:" + "0" * 64, "a": "1"})
    _, manifest = manifest_of(app)
    assert manifest["annotations"] == {"a": "1", BASE_NAME: NAME, BASE_DIGEST: NEW.digest}


# Formats


@pytest.mark.parametrize(
    ("wanted", "family", "expected"),
    [
        ("oci", "docker", media_types.OCI_MANIFEST),
        ("oci", "oci", media_types.OCI_MANIFEST),
        ("keep", "docker", media_types.DOCKER_MANIFEST),
        ("keep", "oci", media_types.OCI_MANIFEST),
        ("docker", "oci", media_types.DOCKER_MANIFEST),
    ],
)
def test_all_is_of_one_family(wanted: ManifestFormat, family: media_types.Family, expected: str) -> None:
    app = an_image([OLD_LAYER, OWN_LAYER], family=family)
    plan, manifest = manifest_of(app, wanted)
    kinds = {plan.root.media_type, manifest["mediaType"], _object(manifest["config"])["mediaType"]}
    kinds |= {layer["mediaType"] for layer in _objects(manifest["layers"])}
    assert plan.root.media_type == expected
    assert {media_types.family(str(kind)) for kind in kinds} == {media_types.family(expected)}
    assert ("annotations" in manifest) is (expected == media_types.OCI_MANIFEST)


def test_docker_s_formats_have_no_place_for_annotations() -> None:
    plan, manifest = manifest_of(an_image([OLD_LAYER, OWN_LAYER], annotations={"b": "1", "a": "1"}), "docker")
    assert "annotations" not in manifest
    assert plan.notices == ("Docker's manifests have no annotations; dropped: a, b",)


def test_zstd_layers_cannot_be_docker_s() -> None:
    app = an_image([OLD_LAYER, a_layer({"own": ""}, compression="zstd")])
    with pytest.raises(ImageError) as refusal:
        manifest_of(app, "docker")
    assert refusal.value.code == "media-type-unsupported"


def test_a_docker_image_on_a_base_with_zstd_layers_becomes_an_oci_one() -> None:
    new = an_image([a_layer({"new": ""}, compression="zstd")])
    plan, manifest = manifest_of(an_image([OLD_LAYER, OWN_LAYER], family="docker"), "keep", new)
    assert plan.root.media_type == media_types.OCI_MANIFEST
    assert [layer["mediaType"] for layer in _objects(manifest["layers"])] == [
        media_types.OCI_LAYER_ZSTD,
        media_types.OCI_LAYER_GZIP,
    ]
    assert [notice.partition(":")[0] for notice in plan.notices] == ["The image becomes an OCI one"]


# Indexes

AMD = an_image([OLD_LAYER, OWN_LAYER])
ARM = an_image([OLD_LAYER, a_layer({"arm": ""})], platform="linux/arm64")
NEW_ARM = an_image([a_layer({"new arm": ""})], platform="linux/arm64")
INDEX_OF_NEW = Digest("sha256:" + "1" * 64)


def one_base(image: AnImage) -> Base:
    """A base out of one index for both platforms."""
    return Base(parse_reference(NAME), INDEX_OF_NEW, as_image(image))


def both(*paths: tuple[int, ...]) -> list[PlatformPlan]:
    return [plan_for(paths[0], AMD, new=one_base(NEW)), plan_for(paths[1], ARM, new=one_base(NEW_ARM))]


def test_every_platform_gets_its_own_new_manifest() -> None:
    plan, root = composed(an_index([AMD, ARM]), both((0,), (1,)))
    assert isinstance(root, Index)
    assert [entry.platform.architecture for entry in root.view.manifests if entry.platform] == ["amd64", "arm64"]
    assert [entry.digest for entry in root.view.manifests] == [document.digest for document in plan.documents[:2]]
    assert plan.documents[2] == plan.root


def test_a_platform_that_stays_keeps_its_entry() -> None:
    plan, root = composed(an_index([AMD, ARM]), both((0,), (1,))[:1])
    assert isinstance(root, Index)
    assert root.view.manifests[1].digest == ARM.digest
    assert [descriptor.digest for descriptor in plan.kept] == [ARM.digest]


def test_an_index_records_the_base_when_every_platform_moved() -> None:
    recorded = {BASE_NAME: "registry.example/debian:11", BASE_DIGEST: "sha256:" + "0" * 64, "a": "1"}
    index = an_index([AMD, ARM], annotations=recorded)
    assert composed(index, both((0,), (1,)))[0].root.json["annotations"] == {
        "a": "1",
        BASE_NAME: NAME,
        BASE_DIGEST: INDEX_OF_NEW,
    }
    assert composed(index, both((0,), (1,))[:1])[0].root.json["annotations"] == {"a": "1"}


RECORDED = {BASE_NAME: "registry.example/debian:11", BASE_DIGEST: "sha256:" + "0" * 64}


def test_an_index_forgets_its_base_when_a_platform_in_a_nested_index_stays() -> None:
    index = an_index([AMD, an_index([ARM])], annotations=RECORDED)
    assert "annotations" not in composed(index, both((0,), (1, 0))[:1])[0].root.json


def test_an_index_forgets_its_base_when_a_nested_index_stands_on_several() -> None:
    index = an_index([AMD, an_index([AMD, ARM])], annotations=RECORDED)
    plans = [plan_for((0,), AMD, new=one_base(NEW)), plan_for((1, 0), AMD), *both((0,), (1, 1))[1:]]
    assert "annotations" not in composed(index, plans)[0].root.json


def test_an_index_keeps_its_record_beside_a_nested_one_without_images() -> None:
    index = an_index([AMD, an_index([attestation(AMD)])], annotations=RECORDED)
    notes = composed(index, [plan_for((0,), AMD)])[0].root.json["annotations"]
    assert notes == {BASE_NAME: NAME, BASE_DIGEST: NEW.digest}


def test_an_index_without_a_record_gets_none() -> None:
    assert "annotations" not in composed(an_index([AMD, ARM]), both((0,), (1,)))[0].root.json


def test_the_record_on_an_entry_is_renewed() -> None:
    platform: JsonObject = {"architecture": "amd64", "os": "linux"}
    entry = AnEntry(AMD, platform, {BASE_DIGEST: "sha256:" + "0" * 64, "a": "1"}, {"data": "e30=", "vendor": 1})
    _, root = composed(an_index([entry]), [plan_for((0,), AMD)])
    (raw,) = _objects(root.document.json["manifests"])
    assert raw["annotations"] == {"a": "1", BASE_NAME: NAME, BASE_DIGEST: NEW.digest}
    assert (raw["platform"], raw["vendor"], "data" in raw) == (platform, 1, False)


def test_attestations_go_with_their_subject() -> None:
    index = an_index([AMD, attestation(AMD), ARM, attestation(ARM)])
    plan, root = composed(index, [plan_for((0,), AMD)])
    assert isinstance(root, Index)
    assert [entry.is_attestation for entry in root.view.manifests] == [False, False, True]
    assert [notice.partition(" is dropped")[0] for notice in plan.notices] == [
        f"The attestation {attestation(AMD).child.digest}"
    ]


@pytest.mark.parametrize("outside", [True, False])
def test_the_attestation_of_a_kept_image_at_another_level_is_not_dropped(outside: bool) -> None:
    """In the outer index of an image in the nested one, and the other way round."""
    index = an_index([AMD, an_index([ARM]), attestation(ARM)])
    if not outside:
        index = an_index([an_index([AMD, attestation(ARM)]), ARM])
    plan, _ = composed(index, [plan_for((0,) if outside else (0, 0), AMD)])
    assert plan.notices == ()
    assert attestation(ARM).child.digest in [descriptor.digest for descriptor in plan.kept]


def test_an_entry_that_is_no_image_stays() -> None:
    artifact = AnEntry(an_image([a_layer({"sbom": ""})]), None, None, {"artifactType": "application/spdx+json"})
    plan, root = composed(an_index([AMD, artifact]), [plan_for((0,), AMD)])
    assert isinstance(root, Index)
    assert root.view.manifests[1].artifact_type == "application/spdx+json"
    assert len(plan.kept) == 1


def test_what_said_of_which_image_an_index_is_a_referrer_goes() -> None:
    subject: JsonObject = {"mediaType": media_types.OCI_MANIFEST, "digest": "sha256:" + "0" * 64, "size": 2}
    index = an_index([AMD], members={"subject": subject, "vendor": 1})
    plan, _ = composed(index, [plan_for((0,), AMD)])
    assert ("subject" in plan.root.json, plan.root.json["vendor"]) == (False, 1)
    assert plan.notices == (f"The new index says nothing of its old subject {subject['digest']}",)


def test_a_nested_index_stays_nested() -> None:
    index = an_index([an_index([AMD]), ARM])
    plan, root = composed(index, both((0, 0), (1,)))
    assert isinstance(root, Index)
    assert [entry.media_type for entry in root.view.manifests] == [media_types.OCI_INDEX, media_types.OCI_MANIFEST]
    digests = [document.digest for document in plan.documents]
    assert digests.index(root.view.manifests[0].digest) == 1
    assert plan.documents[1].json["manifests"] != index.children[0].document.json["manifests"]


def test_a_nested_index_in_which_nothing_moves_stays_as_it_is() -> None:
    inner = an_index([AMD])
    plan, root = composed(an_index([inner, ARM]), both((0, 0), (1,))[1:])
    assert isinstance(root, Index)
    assert root.view.manifests[0].digest == inner.digest
    assert [descriptor.digest for descriptor in plan.kept] == [inner.digest]


@pytest.mark.parametrize(("version", "expected"), [("10.0.2", "10.0.2"), (None, None)])
def test_the_version_in_the_index_is_the_new_base_s(version: str | None, expected: str | None) -> None:
    members: JsonObject = {"os.version": version} if version else {}
    app = an_image([OLD_LAYER, OWN_LAYER], platform="windows/amd64", config_members={"os.version": "10.0.1"})
    old = an_image([OLD_LAYER], platform="windows/amd64", config_members={"os.version": "10.0.1"})
    new = an_image([NEW_LAYER], platform="windows/amd64", config_members=members)
    index = an_index([AnEntry(app, {"architecture": "amd64", "os": "windows", "os.version": "10.0.1"})])
    _, root = composed(index, [plan_for((0,), app, base_of(as_image(old)), base_of(as_image(new)))])
    (raw,) = _objects(root.document.json["manifests"])
    assert _object(raw["platform"]).get("os.version") == expected


@pytest.mark.parametrize(
    ("wanted", "family", "expected"),
    [
        ("oci", "docker", media_types.OCI_INDEX),
        ("keep", "docker", media_types.DOCKER_INDEX),
        ("docker", "oci", media_types.DOCKER_INDEX),
    ],
)
def test_an_index_is_of_the_wanted_family(wanted: ManifestFormat, family: media_types.Family, expected: str) -> None:
    app = an_image([OLD_LAYER, OWN_LAYER], family=family)
    plan, _ = composed(an_index([app], family=family), [plan_for((0,), app)], wanted)
    assert (plan.root.media_type, plan.root.json["mediaType"]) == (expected, expected)


def test_a_docker_list_with_a_child_that_must_become_an_oci_one_is_not_mixed() -> None:
    amd, arm = (
        an_image([OLD_LAYER, OWN_LAYER], family="docker", platform=platform)
        for platform in ("linux/amd64", "linux/arm64")
    )
    zstd = an_image([a_layer({"new": ""}, compression="zstd")])
    plans = [plan_for((0,), amd, new=base_of(as_image(zstd))), plan_for((1,), arm)]
    plan, _ = composed(an_index([amd, arm], family="docker"), plans, "keep")
    assert {media_types.family(document.media_type) for document in plan.documents} == {"oci"}
    assert plan.root.media_type == media_types.OCI_INDEX
    assert [notice.partition(":")[0] for notice in plan.notices] == ["The image becomes an OCI one"]


def test_a_manifest_that_registries_would_refuse_is_refused_here() -> None:
    room = 4 * 1024 * 1024 - len(an_image([OLD_LAYER, OWN_LAYER], annotations={"big": ""}).content)
    app = an_image([OLD_LAYER, OWN_LAYER], annotations={"big": "x" * room})
    with pytest.raises(ImageError) as refusal:
        manifest_of(app)
    assert refusal.value.code == "too-large"


def _object(value: Json) -> JsonObject:
    assert isinstance(value, dict)
    return value


def _objects(value: Json) -> list[JsonObject]:
    assert isinstance(value, list)
    return [_object(member) for member in value]
