import pytest

from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.oci.digest import Digest
from rebaser.oci.reference import parse_reference
from rebaser.plan.base_record import forgotten, recorded, renewed, told_digest
from rebaser.plan.model import Base

DIGEST = Digest("sha256:" + "a" * 64)
OTHER = "sha256:" + "b" * 64


def base(reference: str | None, digest: Digest | None = DIGEST) -> Base:
    return Base(parse_reference(reference) if reference else None, digest, None)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("debian:12", "docker.io/library/debian:12"),
        ("debian", "docker.io/library/debian:latest"),
        ("registry.example:5000/a/b:1", "registry.example:5000/a/b:1"),
        (f"debian:12@{OTHER}", "docker.io/library/debian:12"),
    ],
)
def test_the_record_has_the_full_name_without_a_digest(reference: str, name: str) -> None:
    assert recorded({}, base(reference)) == {BASE_NAME: name, BASE_DIGEST: DIGEST}


def test_a_base_that_is_named_only_by_digest_keeps_its_name_from_before() -> None:
    before = {BASE_NAME: "docker.io/library/debian:12", BASE_DIGEST: OTHER, "a": "1"}
    assert recorded(before, base(f"debian@{DIGEST}")) == {**before, BASE_DIGEST: DIGEST}


@pytest.mark.parametrize("before", ["ubuntu:24.04", f"debian@{OTHER}", "not a name", "scratch"])
def test_a_name_of_another_place_is_not_kept(before: str) -> None:
    assert recorded({BASE_NAME: before}, base(f"debian@{DIGEST}")) == {BASE_DIGEST: DIGEST}


def test_scratch_has_a_name_and_no_digest() -> None:
    assert recorded({BASE_DIGEST: OTHER}, base(None, None)) == {BASE_NAME: "scratch"}


def test_a_directory_of_this_machine_is_nobody_s_name() -> None:
    assert recorded({BASE_NAME: "debian:12"}, base("oci:/tmp/x:1")) == {BASE_DIGEST: DIGEST}


@pytest.mark.parametrize("key", [BASE_NAME, BASE_DIGEST])
def test_it_is_renewed_where_it_stood(key: str) -> None:
    assert renewed({key: "x", "a": "1"}, base("debian:12"))["a"] == "1"
    assert renewed({key: "x"}, base("debian:12")) == {BASE_NAME: "docker.io/library/debian:12", BASE_DIGEST: DIGEST}


def test_it_is_not_put_where_it_did_not_stand() -> None:
    assert renewed({"a": "1"}, base("debian:12")) == {"a": "1"}


def test_it_is_forgotten() -> None:
    assert forgotten({BASE_NAME: "x", BASE_DIGEST: OTHER, "a": "1"}) == {"a": "1"}


@pytest.mark.parametrize(
    ("text", "told"), [(OTHER, OTHER), ("", None), ("sha256:abc", None), ("latest", None), ("md5:" + "a" * 32, None)]
)
def test_only_a_digest_is_told(text: str, told: str | None) -> None:
    assert told_digest({BASE_DIGEST: text}) == told
    assert told_digest({}) is None
