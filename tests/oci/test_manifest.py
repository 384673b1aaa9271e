import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebaser.errors import ImageError
from rebaser.oci.digest import digest_of
from rebaser.oci.manifest import MAX_INDEX_ENTRIES, MAX_LAYERS_READ, Index, Manifest, parse_manifest
from tests.builders import a_layer, an_image, an_index, as_index, as_manifest, attestation, compact

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+json"
SCHEMA_1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"

A_MANIFEST: dict[str, Any] = json.loads(an_image(manifest_members={"mediaType": None}).content)
AN_INDEX: dict[str, Any] = json.loads(an_index([an_image()], members={"mediaType": None}).content)


def read(members: Mapping[str, Any], announced: str | None = None) -> Manifest | Index:
    content = compact(members)
    return parse_manifest(announced, content, digest_of(content))


def refused(members: Mapping[str, Any], announced: str | None = None) -> ImageError:
    with pytest.raises(ImageError) as refusal:
        read(members, announced)
    return refusal.value


# What kind of document it is (CVE-2021-41190)


@pytest.mark.parametrize("announced", [OCI_MANIFEST, DOCKER_MANIFEST])
def test_a_manifest_is_what_it_says_it_is(announced: str) -> None:
    for header in (None, announced, f"{announced}; charset=utf-8", announced.upper()):
        found = read({**A_MANIFEST, "mediaType": announced}, header)
        assert isinstance(found, Manifest)
        assert found.document.media_type == announced


@pytest.mark.parametrize("announced", [OCI_INDEX, DOCKER_INDEX])
def test_an_index_is_what_it_says_it_is(announced: str) -> None:
    for header in (None, announced, f"{announced}; charset=utf-8"):
        found = read({**AN_INDEX, "mediaType": announced}, header)
        assert isinstance(found, Index)
        assert found.document.media_type == announced


@pytest.mark.parametrize(
    "announced",
    [None, "", "application/json", "application/octet-stream", "text/plain", "text/plain; charset=utf-8"],
)
def test_a_document_that_says_nothing_is_told_by_its_content(announced: str | None) -> None:
    for nothing in ({}, {"mediaType": None}, {"mediaType": ""}):
        manifest = {key: value for key, value in A_MANIFEST.items() if key != "mediaType"} | nothing
        index = {key: value for key, value in AN_INDEX.items() if key != "mediaType"} | nothing
        assert read(manifest, announced).document.media_type == OCI_MANIFEST
        assert read(index, announced).document.media_type == OCI_INDEX


def test_a_document_that_says_nothing_is_what_it_was_announced_as() -> None:
    assert read(A_MANIFEST, DOCKER_MANIFEST).document.media_type == DOCKER_MANIFEST
    assert read(AN_INDEX, DOCKER_INDEX).document.media_type == DOCKER_INDEX


@pytest.mark.parametrize(
    "more",
    [
        {"config": A_MANIFEST["config"]},
        {"layers": []},
        {"layers": None},
        {"Layers": []},
        {"CONFIG": {}},
        {"layer\u017f": []},
    ],
)
def test_an_index_that_could_be_a_manifest_is_refused(more: dict[str, Any]) -> None:
    for announced in (None, OCI_INDEX, OCI_MANIFEST):
        assert "as a manifest and as an index" in refused(AN_INDEX | more, announced).message


@pytest.mark.parametrize("key", ["manifests", "Manifests", "MANIFESTS", "manifest\u017f"])
def test_a_manifest_that_could_be_an_index_is_refused(key: str) -> None:
    for announced in (None, OCI_INDEX, OCI_MANIFEST):
        assert "as a manifest and as an index" in refused({**A_MANIFEST, key: []}, announced).message


@pytest.mark.parametrize("announced", [OCI_INDEX, DOCKER_INDEX, DOCKER_MANIFEST])
def test_a_document_that_was_announced_as_something_else_is_refused(announced: str) -> None:
    refusal = refused({**A_MANIFEST, "mediaType": OCI_MANIFEST}, announced)
    assert refusal.code == "document-invalid"
    assert "but it was announced as" in refusal.message


def test_a_manifest_that_calls_itself_an_index_is_refused() -> None:
    assert "holds something else" in refused({**A_MANIFEST, "mediaType": OCI_INDEX}).message
    assert "holds something else" in refused({**AN_INDEX, "mediaType": OCI_MANIFEST}).message
    assert "holds something else" in refused(A_MANIFEST, OCI_INDEX).message


@pytest.mark.parametrize("members", [{}, {"schemaVersion": 2}, {"schemaVersion": 2, "annotations": {}}])
def test_a_document_that_is_neither_is_refused(members: dict[str, Any]) -> None:
    assert "neither a manifest nor an index" in refused(members).message


@pytest.mark.parametrize("media_type", [1, [], {}, True])
def test_a_media_type_that_is_no_text_is_refused(media_type: object) -> None:
    assert "mediaType is not a string" in refused({**A_MANIFEST, "mediaType": media_type}).message


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.oci.artifact.manifest.v1+json",
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.example+json",
        OCI_MANIFEST.upper(),
    ],
)
def test_a_type_that_we_do_not_know_is_not_guessed_at(media_type: str) -> None:
    assert refused({**A_MANIFEST, "mediaType": media_type}).code == "media-type-unsupported"
    assert refused({"mediaType": media_type, "blobs": []}).code == "media-type-unsupported"


@pytest.mark.parametrize(
    ("members", "announced"),
    [
        ({"schemaVersion": 1, "fsLayers": [], "history": []}, None),
        ({"schemaVersion": 1, "fsLayers": [], "history": []}, "application/json"),
        ({"schemaVersion": 1, "config": {}, "layers": []}, OCI_MANIFEST),
        ({**A_MANIFEST, "mediaType": SCHEMA_1}, None),
        (A_MANIFEST, SCHEMA_1),
        (A_MANIFEST, SCHEMA_1_SIGNED),
        (A_MANIFEST, f"{SCHEMA_1_SIGNED}; charset=utf-8"),
    ],
)
def test_schema_1_is_refused(members: dict[str, Any], announced: str | None) -> None:
    refusal = refused(members, announced)
    assert refusal.code == "media-type-unsupported"
    assert "schema 1" in refusal.message


@pytest.mark.parametrize("version", [3, 0, 2.0, "2", True, None, [2]])
def test_another_schema_version_is_refused(version: object) -> None:
    assert refused({**A_MANIFEST, "schemaVersion": version}).code in ("document-invalid", "media-type-unsupported")
    assert refused({**AN_INDEX, "schemaVersion": version}).code in ("document-invalid", "media-type-unsupported")


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b'{"layers":[],"layers":[]}', b"\xff\xfe{\0}\0"])
def test_what_is_not_strict_json_is_refused(content: bytes) -> None:
    with pytest.raises(ImageError, match=r".+") as refusal:
        parse_manifest(OCI_MANIFEST, content, digest_of(content))
    assert refusal.value.code == "document-invalid"


_odd: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 2, -1, 1.5, "", "x", OCI_INDEX, OCI_MANIFEST, [], {}, [{}], [[]], {"a": 1}, 10**400]
)
_keys = ["schemaVersion", "mediaType", "config", "layers", "manifests", "annotations", "subject", "Layers"]


@given(st.sampled_from([A_MANIFEST, AN_INDEX]), st.dictionaries(st.sampled_from(_keys), _odd), _odd)
@settings(deadline=None)
def test_any_change_is_read_or_refused(plain: dict[str, Any], change: dict[str, Any], size: object) -> None:
    odd = {**plain["layers"][0], "size": size} if "layers" in plain else {**plain["manifests"][0], "platform": size}
    listed = {"layers": [odd]} if "layers" in plain else {"manifests": [odd]}
    for members in (plain | change, plain | listed | change):
        try:
            found = read(members)
        except ImageError:
            continue
        assert found.document.content == compact(members)


# Its members


@pytest.mark.parametrize("size", [2**63, -1, 1.0, 1.5, "1", True, None])
@pytest.mark.parametrize("of", ["config", "layers", "manifests", "subject"])
def test_a_size_that_is_none_is_refused_wherever_it_stands(of: str, size: object) -> None:
    bad = {"mediaType": OCI_MANIFEST, "digest": digest_of(b""), "size": size}
    documents: dict[str, dict[str, Any]] = {
        "config": {**A_MANIFEST, "config": bad},
        "layers": {**A_MANIFEST, "layers": [bad]},
        "manifests": {**AN_INDEX, "manifests": [bad]},
        "subject": {**A_MANIFEST, "subject": bad},
    }
    refusal = refused(documents[of])
    assert refusal.code == "document-invalid"
    assert of in refusal.message
    assert "size" in refusal.message


def test_the_largest_size_is_only_a_number() -> None:
    huge = {"mediaType": "x", "digest": digest_of(b""), "size": 2**63 - 1}
    found = read({**A_MANIFEST, "layers": [huge]})
    assert isinstance(found, Manifest)
    assert found.view.layers[0].size == 9_223_372_036_854_775_807


@pytest.mark.parametrize(
    ("build", "limit"),
    [
        (lambda count: {**A_MANIFEST, "layers": A_MANIFEST["layers"] * count}, MAX_LAYERS_READ),
        (lambda count: {**AN_INDEX, "manifests": AN_INDEX["manifests"] * count}, MAX_INDEX_ENTRIES),
    ],
)
def test_entries_are_read_to_the_limit_and_not_beyond(build: Callable[[int], dict[str, Any]], limit: int) -> None:
    found = read(build(limit))
    assert len(found.view.layers if isinstance(found, Manifest) else found.view.manifests) == limit
    assert f"{limit + 1} members are more than the {limit}" in refused(build(limit + 1)).message


def test_a_million_descriptors_are_refused_in_no_time() -> None:
    for members in ({**A_MANIFEST, "layers": [{}] * 1_000_000}, {**AN_INDEX, "manifests": [1] * 1_900_000}):
        content = compact(members)
        start = time.process_time()
        with pytest.raises(ImageError) as refusal:
            parse_manifest(None, content, digest_of(content))
        assert refusal.value.code == "document-invalid"
        assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "members",
    [
        {"config": None},
        {"config": []},
        {"config": {}},
        {"layers": {}},
        {"layers": "x"},
        {"layers": [None]},
        {"annotations": {"a": 1}},
        {"annotations": []},
        {"artifactType": 1},
        {"subject": "x"},
        {"Annotations": {}},
        {"mediatype": OCI_INDEX},
        {"SchemaVersion": 1},
    ],
)
def test_a_member_of_another_kind_is_refused_by_name(members: dict[str, Any]) -> None:
    refusal = refused(A_MANIFEST | members)
    assert refusal.code == "document-invalid"
    assert next(iter(members)).casefold() in refusal.message.casefold()


@pytest.mark.parametrize("missing", ["schemaVersion", "config", "layers"])
def test_a_manifest_has_three_members(missing: str) -> None:
    assert missing in refused({key: value for key, value in A_MANIFEST.items() if key != missing}).message


def test_null_is_as_good_as_absent() -> None:
    nothing = {"annotations": None, "subject": None, "artifactType": None, "mediaType": None}
    manifest, index = read({**A_MANIFEST, **nothing}), read({**AN_INDEX, **nothing})
    assert manifest.view.notes == index.view.notes == {}
    assert manifest.view.subject is None


def test_an_empty_list_may_be_null_as_go_writes_it() -> None:
    manifest, index = read({**A_MANIFEST, "layers": None}), read({**AN_INDEX, "manifests": None})
    assert isinstance(manifest, Manifest)
    assert isinstance(index, Index)
    assert manifest.view.layers == index.view.manifests == ()


def test_the_bytes_stay_as_they_came() -> None:
    content = json.dumps(A_MANIFEST, indent=3).encode() + b"\n"
    found = parse_manifest(None, content, digest_of(content))
    assert found.document.content is content
    assert found.document.digest == digest_of(content)


def test_unknown_members_and_data_survive() -> None:
    members = {
        "vendor": {"z": 1, "a": 1.50},
        **A_MANIFEST,
        "layers": [{"data": "eA==", **A_MANIFEST["layers"][0], "vendor": None}],
        "config": {**A_MANIFEST["config"], "data": "e30="},
    }
    found = read(members)
    assert isinstance(found, Manifest)
    assert list(found.view.raw.items()) == list(members.items())
    assert list(found.view.layers[0].raw) == ["data", "mediaType", "size", "digest", "vendor"]
    assert found.view.config.raw["data"] == "e30="


def test_the_same_layer_may_stand_twice() -> None:
    empty = a_layer({})
    found = as_manifest(an_image([empty, empty]))
    assert isinstance(found, Manifest)
    assert [layer.digest for layer in found.view.layers] == [empty.digest, empty.digest]


def test_an_image_may_have_no_layers() -> None:
    found = as_manifest(an_image([]))
    assert isinstance(found, Manifest)
    assert found.view.layers == ()


# Indexes


def test_an_index_may_hold_indexes_and_attestations() -> None:
    image = an_image(platform="linux/arm/v6")
    inner = an_index([image], annotations={"which": "inner"})
    found = as_index(an_index([image, attestation(image), inner], annotations={"which": "outer"}))
    first, second, third = found.view.manifests
    assert first.platform is not None
    assert str(first.platform.platform) == "linux/arm/v6"
    assert (first.is_attestation, second.is_attestation, third.is_attestation) == (False, True, False)
    assert second.notes["vnd.docker.reference.digest"] == image.digest
    assert (third.media_type, third.platform) == (OCI_INDEX, None)
    assert (found.view.notes["which"], as_index(inner).view.notes["which"]) == ("outer", "inner")


def test_an_index_may_be_empty_and_name_one_image_twice() -> None:
    assert as_index(an_index([])).view.manifests == ()
    assert len(as_index(an_index([an_image(), an_image()])).view.manifests) == 2


def test_a_docker_index_holds_docker_manifests() -> None:
    found = as_index(an_index([an_image(family="docker")], family="docker"))
    assert (found.document.media_type, found.view.manifests[0].media_type) == (DOCKER_INDEX, DOCKER_MANIFEST)


def test_refusals_show_nothing_active() -> None:
    message = refused({**A_MANIFEST, "mediaType": "\x1b[31m\u202e"}).message
    assert "\x1b" not in message
    assert "\u202e" not in message
