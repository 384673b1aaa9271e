from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from rebaser.oci.descriptor import Descriptor, describe, descriptor
from rebaser.oci.digest import Digest
from rebaser.oci.document import parse_document
from rebaser.oci.platform import Platform
from rebaser.oci.strict_json import JsonObject, parse

DIGEST = Digest("sha256:" + "0123456789abcdef" * 4)
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def read(**members: object) -> Descriptor:
    plain: dict[str, object] = {"mediaType": LAYER, "digest": DIGEST, "size": 10}
    return Descriptor.model_validate(plain | members)


def test_a_descriptor_has_three_parts() -> None:
    found = read()
    assert (found.media_type, found.digest, found.size) == (LAYER, DIGEST, 10)
    assert (found.notes, found.platform, found.artifact_type) == ({}, None, None)
    assert found == descriptor(LAYER, DIGEST, 10)


def test_the_descriptor_of_a_document() -> None:
    document = parse_document("application/vnd.oci.image.index.v1+json", b"{}", 2)
    assert describe(document).raw == {"mediaType": document.media_type, "digest": document.digest, "size": 2}


@pytest.mark.parametrize("size", [0, 1, 2**63 - 1])
def test_a_size_is_accepted_to_the_limit(size: int) -> None:
    assert read(size=size).size == size


@pytest.mark.parametrize(
    "size", ["2e63", "9223372036854775808", "-1", "-0", "10.0", "1e1", '"10"', "true", "null", "[]"]
)
def test_a_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(ValidationError, match="size"):
        read(size=parse(size.encode(), 100))


@pytest.mark.parametrize(
    "members",
    [
        {"digest": "sha256:../../v2/other/manifests/x"},
        {"digest": DIGEST.upper()},
        {"digest": "md5:d41d8cd98f00b204e9800998ecf8427e"},
        {"digest": None},
        {"digest": 1},
        {"digest": DIGEST.encode()},
        {"mediaType": None},
        {"mediaType": 1},
        {"annotations": []},
        {"annotations": {"a": 1}},
        {"annotations": {"a": None}},
        {"annotations": "a"},
        {"platform": "linux/amd64"},
        {"platform": {"os": "linux"}},
        {"platform": {"os": "linux", "architecture": 1}},
        {"platform": {"os": "linux", "architecture": "arm", "variant": 7}},
        {"artifactType": 1},
    ],
)
def test_a_member_of_another_kind_is_refused(members: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(**members)


@pytest.mark.parametrize("missing", ["mediaType", "digest", "size"])
def test_none_of_the_three_may_be_missing(missing: str) -> None:
    members: JsonObject = {"mediaType": LAYER, "digest": DIGEST, "size": 10}
    del members[missing]
    with pytest.raises(ValidationError):
        Descriptor.model_validate(members)


@pytest.mark.parametrize("key", ["Digest", "SIZE", "mediatype", "MediaType", "\u017fize", "Annotations"])
def test_a_key_that_go_reads_as_another_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="some tools would read"):
        read(**{key: "x"})


@pytest.mark.parametrize("key", ["annotations", "platform", "artifactType"])
def test_null_is_as_good_as_absent(key: str) -> None:
    assert read(**{key: None}).notes == {}
    assert read(**{key: None}).platform is None


def test_unknown_members_survive_in_their_order() -> None:
    members: JsonObject = {
        "vendor": {"z": 1, "a": [None]},
        "size": 2,
        "data": "e30=",
        "urls": ["https://example.test/layer"],
        "digest": DIGEST,
        "mediaType": LAYER,
        "platform": {"os.features": ["win32k"], "os": "windows", "architecture": "amd64", "x": 1},
    }
    found = Descriptor.model_validate(members)
    assert list(found.raw.items()) == list(members.items())
    assert found.platform is not None
    assert found.platform.raw == members["platform"]


def test_the_platform_of_an_entry() -> None:
    found = read(platform={"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1", "variant": "v2"})
    assert found.platform is not None
    assert found.platform.platform == Platform("windows", "amd64", "v2")
    assert found.platform.os_version == "10.0.20348.1"


def test_attestations_are_told_by_their_annotation() -> None:
    assert read(annotations={"vnd.docker.reference.type": "attestation-manifest"}).is_attestation
    assert not read(annotations={"vnd.docker.reference.type": "other"}).is_attestation
    assert not read().is_attestation


@pytest.mark.parametrize(
    ("media_type", "foreign"),
    [
        ("application/vnd.oci.image.layer.nondistributable.v1.tar", True),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", True),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", True),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", True),
        ("application/vnd.oci.image.layer.v1.tar+gzip", False),
    ],
)
def test_foreign_layers_are_told_by_their_type_and_not_by_their_urls(media_type: str, *, foreign: bool) -> None:
    assert read(mediaType=media_type, urls=["https://example.test/layer"]).is_foreign is foreign
