import json

import pytest

from rebaser.errors import ImageError, ImageNotFound, TransportError
from rebaser.oci.descriptor import Descriptor, descriptor
from rebaser.oci.digest import Digest
from rebaser.oci.manifest import Index
from rebaser.transports.base import read_blob
from tests.builders import an_image, an_index
from tests.fakes.registry import FakeRegistry, digest_of
from tests.fakes.wire import (
    Asked,
    Fault,
    Told,
    answers,
    breaks_off,
    endless,
    header,
    reset_before,
    stops_short,
    trailing_bytes,
    wrong_bytes,
)
from tests.transports.registry.places import Here

APP, OTHER = an_image(), an_image(env=["OTHER=1"])
BLOB = bytes(range(256)) * 1024  # 256 KiB
OCTETS = "application/octet-stream"
ACCEPT = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
HOSTILE_DIGESTS = [
    "sha256:../../v2/other/manifests/x",
    "sha256:ABC",
    "sha256:" + "a" * 63,
    "sha256:" + "a" * 65,
    "sha256:" + "A" * 64,
    "sha256:" + "a" * 63 + "\0",
    "sha256:" + "a" * 61 + "%2f",
    "sha256:" + "\uff11" * 64,
    "md5:" + "a" * 32,
    "sha1:" + "a" * 40,
    "unknown:" + "a" * 64,
]


def place(**knobs: object) -> Here:
    here = Here(FakeRegistry(**knobs))  # type: ignore[arg-type]
    here.fake.put_manifest("shop", "1", APP.content, APP.media_type)
    here.fake.put_blob("shop", BLOB)
    return here


def blob() -> Descriptor:
    return descriptor(OCTETS, Digest(digest_of(BLOB)), len(BLOB))


def read(here: Here) -> bytes:
    return read_blob(here.open(), blob(), len(BLOB))


# what is asked


def test_a_tag_is_resolved_with_one_request_that_does_not_count_as_a_pull() -> None:
    here = place()
    assert here.open().resolve("1") == APP.digest
    assert here.lines == ["HEAD /v2/shop/manifests/1"]


def test_all_media_types_are_asked_for_in_one_header() -> None:
    here = place(strict_accept=True)
    here.open().manifest("1")
    (asked,) = here.fake.wire.journal
    assert asked.headers.get_list("accept") == [ACCEPT]
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["user-agent"].startswith("rebaser/")


@pytest.mark.parametrize("status", [406, 200])
def test_a_registry_that_cannot_read_one_header_is_asked_with_several(status: int) -> None:
    here = place()
    old = (("Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"),)
    here.fake.wire.faults[0] = answers(status, *old, body=b'{"schemaVersion": 1}')
    assert here.open().manifest("1").document.digest == APP.digest
    assert here.fake.wire.journal[1].headers.get_list("accept") == ACCEPT.split(", ")
    assert len(here.lines) == 2


def test_schema_1_is_refused_when_it_is_all_there_is() -> None:
    here = place()
    here.fake.put_manifest(
        "shop", "old", b'{"schemaVersion": 1}', "application/vnd.docker.distribution.manifest.v1+json"
    )
    with pytest.raises(ImageError) as refusal:
        here.open().manifest("old")
    assert refusal.value.code == "media-type-unsupported"


def test_docker_hub_answers_at_another_host_than_its_name() -> None:
    here = Here(FakeRegistry("registry-1.docker.io"))
    here.fake.put_manifest("library/debian", "12", APP.content, APP.media_type)
    assert here.open("library/debian", "docker.io").resolve("12") == APP.digest


@pytest.mark.parametrize("name", [*HOSTILE_DIGESTS, "../x", "a/b", "", "a" * 129, "a b", "a\n", ".x", "%2e%2e"])
def test_nothing_but_a_tag_or_digest_becomes_part_of_a_request(name: str) -> None:
    here = place()
    with pytest.raises(ImageNotFound):
        here.open().manifest(name)
    with pytest.raises(ImageNotFound):
        here.open().resolve(name)
    assert here.lines == []


# resolving


@pytest.mark.parametrize("status", [400, 404, 405, 412, 501])
def test_a_registry_without_head_is_asked_with_get(status: int) -> None:
    here = place(head="off", head_status_when_off=status)
    here.fake.cookies = False
    assert here.open().resolve("1") == APP.digest
    assert here.open().resolve("absent") is None


def test_a_head_without_a_digest_is_followed_by_a_get() -> None:
    here = place(head="no-digest")
    assert here.open().resolve("1") == APP.digest
    assert here.lines == ["HEAD /v2/shop/manifests/1", "GET /v2/shop/manifests/1"]


@pytest.mark.parametrize("value", ["", "nonsense", "sha256:abc", "md5:" + "a" * 32])
def test_a_malformed_digest_header_is_not_believed(value: str) -> None:
    here = place()
    here.fake.wire.always = header("Docker-Content-Digest", value)
    assert here.open().resolve("1") == APP.digest
    assert here.open().manifest("1").document.digest == APP.digest


def test_a_tag_that_is_surely_not_there_costs_one_request() -> None:
    here = place()
    assert here.open().resolve("absent") is None
    assert here.open("absent").resolve("1") is None
    assert here.lines == ["HEAD /v2/shop/manifests/absent", "HEAD /v2/absent/manifests/1"]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_refusal_is_never_taken_for_a_tag_that_is_not_there(status: int) -> None:
    here = place()
    here.fake.wire.always = answers(status)
    with pytest.raises(TransportError) as refusal:
        here.open().resolve("1")
    assert not isinstance(refusal.value, ImageNotFound)


# manifests


def test_the_digest_that_was_asked_for_wins_over_whatever_is_answered() -> None:
    here = place()
    here.fake.repository("shop").manifests[APP.digest] = (OTHER.media_type, OTHER.content)
    here.fake.wire.always = header("Docker-Content-Digest", OTHER.digest)
    with pytest.raises(ImageError) as refusal:
        here.open().manifest(APP.digest)
    assert refusal.value.code == "digest-mismatch"
    assert f"registry.test/shop@{APP.digest}" in refusal.value.message


@pytest.mark.parametrize("name", ["1", APP.digest])
def test_right_bytes_under_a_wrong_digest_header_are_refused(name: str) -> None:
    here = place()
    here.fake.wire.always = header("Docker-Content-Digest", OTHER.digest)
    with pytest.raises(ImageError) as refusal:
        here.open().manifest(name)
    assert refusal.value.code == "digest-mismatch"


def test_a_registry_without_digest_headers_is_fine() -> None:
    here = place(digest_header=False)
    assert here.open().manifest("1").document.digest == APP.digest
    assert here.open().manifest(APP.digest).document.digest == APP.digest


def test_a_sha512_header_names_the_same_bytes() -> None:
    here = place()
    here.fake.wire.always = header("Docker-Content-Digest", digest_of(APP.content, "sha512"))
    assert here.open().manifest("1").document.digest == digest_of(APP.content, "sha512")
    assert here.open().manifest(APP.digest).document.digest == APP.digest


def test_bytes_that_are_both_a_manifest_and_an_index_are_refused() -> None:
    here = place()
    both = json.dumps(json.loads(APP.content) | {"Manifests": []}).encode()
    here.fake.put_manifest("shop", "both", both, APP.media_type)
    with pytest.raises(ImageError) as refusal:
        here.open().manifest("both")
    assert refusal.value.code == "document-invalid"


def test_a_content_type_that_contradicts_the_bytes_is_refused() -> None:
    here = place()
    here.fake.put_manifest("shop", "1", APP.content, "application/vnd.oci.image.index.v1+json")
    with pytest.raises(ImageError) as refusal:
        here.open().manifest("1")
    assert refusal.value.code == "document-invalid"


@pytest.mark.parametrize(
    "kind", ["", "application/json", "text/plain; charset=utf-8", f"{APP.media_type}; charset=utf-8"]
)
def test_a_content_type_that_says_little_is_passed_over(kind: str) -> None:
    here = place()
    here.fake.wire.always = header("Content-Type", kind)
    assert here.open().manifest("1").document.media_type == APP.media_type


@pytest.mark.parametrize("kind", [None, "application/json", "text/plain"])
def test_what_the_index_says_of_a_child_without_any_type_is_believed(kind: str | None) -> None:
    here = place(content_type=False)
    here.fake.wire.always = None if kind is None else header("Content-Type", kind)
    bare = an_image(manifest_members={"mediaType": None}, family="docker")
    index = an_index([bare], family="docker")
    here.fake.put_manifest("shop", "i", index.content, index.media_type)
    here.fake.put_manifest("shop", None, bare.content, bare.media_type)
    found = here.open().manifest("i")
    assert isinstance(found, Index)
    child = found.view.manifests[0]
    assert here.open().manifest(child.digest, child).document.media_type == bare.media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"<html></html>",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b"[" * 10_000,
        b'"\\ud800"',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'{"schemaVersion":2}',
        b"{}",
    ],
)
def test_what_is_not_a_manifest_is_told_and_never_a_crash(content: bytes) -> None:
    here = place()
    here.fake.put_manifest("shop", "odd", content, APP.media_type)
    with pytest.raises(ImageError) as refusal:
        here.open().manifest("odd")
    assert refusal.value.code in ("document-invalid", "media-type-unsupported")


@pytest.mark.parametrize("name", ["1", APP.digest])
@pytest.mark.parametrize("size", [4 * 1024 * 1024 + 1, None])
def test_a_manifest_without_end_is_not_read_to_its_end(name: str, size: int | None) -> None:
    here = place()
    here.fake.wire.always = (
        endless() if size is None else Fault("big", after=lambda _: Told(200, (), b"0" * (size or 0)))
    )
    with pytest.raises(ImageError) as refusal:
        here.open().manifest(name)
    assert refusal.value.code == "too-large"
    assert here.traffic.bytes_down < 5 * 1024 * 1024


def test_a_manifest_of_the_largest_size_is_read() -> None:
    here = place()
    text = APP.content[:-1] + b" " * (4 * 1024 * 1024 - len(APP.content)) + b"}"
    here.fake.put_manifest("shop", "big", text, APP.media_type)
    assert here.open().manifest("big").document.size == 4 * 1024 * 1024


def test_an_error_page_without_end_is_not_read_to_its_end() -> None:
    here = place()
    here.fake.wire.always = Fault("page", after=lambda told: Told(403, (), endless().after(told).body))
    with pytest.raises(TransportError) as refusal:
        here.open().manifest("1")
    assert refusal.value.code == "access-denied"
    assert here.traffic.bytes_down < 200_000


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "br"])
def test_a_manifest_that_comes_compressed_is_not_unpacked(encoding: str) -> None:
    here = place()
    here.fake.wire.always = header("Content-Encoding", encoding)
    with pytest.raises(TransportError) as refusal:
        here.open().manifest("1")
    assert refusal.value.code == "registry-misbehaved"


@pytest.mark.parametrize("keep", [0, 1, 100, len(APP.content) - 1])
def test_a_manifest_whose_connection_breaks_is_read_again(keep: int) -> None:
    here = place()
    here.fake.wire.faults[0] = breaks_off(keep)
    here.fake.wire.faults[1] = reset_before()
    assert here.open().manifest("1").document.content == APP.content


# blobs


def test_a_blob_is_read_raw() -> None:
    here = place()
    here.fake.wire.always = header("Content-Encoding", "gzip")
    assert read(here) == BLOB


@pytest.mark.parametrize("fault", [wrong_bytes(), stops_short(), trailing_bytes(), endless()])
def test_a_blob_that_is_not_what_was_asked_for_is_refused_without_asking_again(fault: Fault) -> None:
    here = place()
    here.fake.wire.always = fault
    with pytest.raises(ImageError) as refusal:
        read(here)
    assert refusal.value.code == "digest-mismatch"
    assert len(here.lines) == 1


def test_a_lie_about_the_size_allocates_nothing() -> None:
    here = place()
    huge = descriptor(OCTETS, blob().digest, 2**63 - 1)
    with pytest.raises(ImageError), here.open().blob(huge) as chunks:
        list(chunks)
    with pytest.raises(ImageError):
        read_blob(here.open(), huge, 1000)


@pytest.mark.parametrize("keep", [0, 1, 100_000, len(BLOB) - 1, len(BLOB)])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_blob_goes_on_where_its_connection_broke(keep: int, ranges: bool) -> None:
    here = place(ranges=ranges)
    here.fake.wire.faults[0] = breaks_off(keep)
    assert read(here) == BLOB
    wanted = here.fake.wire.journal[-1].headers.get("range")
    assert wanted == (None if keep in (0, len(BLOB)) else f"bytes={keep}-")


def test_a_blob_survives_many_breaks() -> None:
    here = place()
    here.fake.wire.faults = {number: breaks_off(30_000) for number in range(8)}
    assert read(here) == BLOB


def test_a_blob_whose_connection_always_breaks_is_given_up() -> None:
    here = place()
    here.fake.wire.always = breaks_off(1)
    with pytest.raises(TransportError) as refusal:
        read(here)
    assert refusal.value.code == "registry-unavailable"
    assert len(here.lines) == 11


@pytest.mark.parametrize(
    "place_header",
    ["", "bytes 0-262143/262144", "bytes 5-262143/262144", "bytes */262144", "nonsense", "bytes -1-5/9", "BYTES 7-8/9"],
)
def test_a_part_that_does_not_begin_where_it_should_is_not_joined_on(place_header: str) -> None:
    here = place()
    here.fake.wire.faults[0] = breaks_off(1000)
    here.fake.wire.faults[1] = header("Content-Range", place_header)
    assert read(here) == BLOB
    assert "range" not in here.fake.wire.journal[2].headers


def test_a_part_of_other_bytes_is_noticed() -> None:
    here = place()
    here.fake.wire.faults[0] = breaks_off(1000)
    here.fake.wire.faults[1] = wrong_bytes()
    with pytest.raises(ImageError) as refusal:
        read(here)
    assert refusal.value.code == "digest-mismatch"


def test_a_blob_that_vanishes_in_the_middle_is_not_found() -> None:
    here = place()
    here.fake.wire.faults[0] = breaks_off(1000)
    here.fake.wire.faults[1] = answers(404)
    with pytest.raises(ImageNotFound):
        read(here)


def test_a_blob_is_not_found_before_anything_is_read_of_it() -> None:
    here = place()
    with pytest.raises(ImageNotFound) as missing, here.open().blob(descriptor(OCTETS, Digest(digest_of(b"?")), 1)):
        pytest.fail("it was opened")
    assert "registry.test/shop@sha256:" in missing.value.message


def test_a_blob_may_be_left_in_the_middle() -> None:
    here = place()
    with here.open().blob(blob()) as chunks:
        next(chunks)
    assert read(here) == BLOB


def test_the_urls_of_a_foreign_layer_are_never_asked() -> None:
    here = place()
    foreign = Descriptor.model_validate(
        {
            "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            "digest": digest_of(b"far away"),
            "size": 8,
            "urls": ["http://evil.test/layer"],
        }
    )
    with pytest.raises(ImageNotFound), here.open().blob(foreign) as chunks:
        list(chunks)
    assert not any("evil" in line for line in here.lines)


# redirects


def test_a_blob_on_a_cdn_is_read_without_our_authorization() -> None:
    here = place(cdn="cdn.test")
    assert read(here) == BLOB
    assert [asked.host for asked in here.fake.wire.journal] == ["registry.test", "cdn.test"]


def test_a_broken_download_from_a_cdn_begins_again_at_the_registry() -> None:
    here = place(cdn="cdn.test")
    here.fake.wire.faults[1] = breaks_off(1000)
    assert read(here) == BLOB
    assert [asked.host for asked in here.fake.wire.journal] == ["registry.test", "cdn.test"] * 2
    assert here.fake.wire.journal[3].headers["range"] == "bytes=1000-"


def redirected(here: Here, location: str, status: int = 307) -> None:
    headers = (("Location", location),) if location else ()
    here.fake.wire.faults[0] = answers(status, *headers)


def test_a_redirect_to_what_is_no_address_is_told() -> None:
    here = place()
    redirected(here, "https://[::1")
    with pytest.raises(TransportError):
        read(here)
    assert len(here.lines) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed(status: int) -> None:
    here = place()
    redirected(here, f"https://cdn.test/data/{blob().digest}", status)
    assert read(here) == BLOB


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://cdn.test/x",
        "http://registry.test:5000/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/x",
        "https://2130706433/",
        "https://registry@cdn.test/x",
        "ftp://cdn.test/x",
        "https://cdn.test:99999/",
    ],
)
def test_a_redirect_to_where_we_must_not_go_is_not_followed(location: str) -> None:
    here = place()
    redirected(here, location)
    with pytest.raises(TransportError) as refusal:
        read(here)
    assert refusal.value.code == "registry-misbehaved"
    assert len(here.lines) == 1


@pytest.mark.parametrize(
    "location", ["/v2/shop/blobs/{}", "//registry.test/v2/shop/blobs/{}", "http://registry.test/v2/shop/blobs/{}"]
)
def test_a_redirect_within_the_registry_stays_encrypted(location: str) -> None:
    here = place()
    redirected(here, location.format(blob().digest) + "#fragment")
    assert read(here) == BLOB
    assert here.lines[1] == f"GET /v2/shop/blobs/{blob().digest}"


def test_a_user_name_in_a_redirect_is_not_used() -> None:
    here = place()
    redirected(here, f"https://user:secret@registry.test/v2/shop/blobs/{blob().digest}")
    assert read(here) == BLOB
    assert "authorization" not in here.fake.wire.journal[1].headers


def test_five_redirects_are_followed_and_six_are_not() -> None:
    here = place()
    path = f"/v2/shop/blobs/{blob().digest}"
    here.fake.wire.faults = {number: answers(307, ("Location", path)) for number in range(5)}
    assert read(here) == BLOB
    here.fake.wire.forget()
    here.fake.wire.always = answers(307, ("Location", path))
    with pytest.raises(TransportError) as refusal:
        read(here)
    assert refusal.value.code == "registry-misbehaved"
    assert len(here.lines) == 6


@pytest.mark.parametrize("status", [300, 304])
def test_a_redirect_that_names_no_place_is_a_refusal(status: int) -> None:
    here = place()
    here.fake.wire.faults[0] = answers(status)
    with pytest.raises(TransportError) as refusal:
        read(here)
    assert refusal.value.code == "registry-misbehaved"


def test_a_signed_address_is_in_no_message() -> None:
    here = place(cdn="cdn.test")

    def refuse(asked: Asked) -> Told:
        return Told(403, (), f"no: {asked.url} and more".encode())

    here.fake.wire.sites["cdn.test"] = refuse
    with pytest.raises(TransportError) as refusal:
        read(here)
    assert "signed-canary" not in refusal.value.message
    assert "cdn.test" in refusal.value.message


# having


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 412, 500])
def test_an_unclear_answer_is_no(status: int) -> None:
    here = place()
    here.fake.wire.always = answers(status, ("Location", "/v2/"))
    if status == 302:
        with pytest.raises(TransportError):
            here.open().has_blob(blob())
    else:
        assert not here.open().has_blob(blob())


@pytest.mark.parametrize(("length", "there"), [("", True), ("0", True), (str(len(BLOB)), True), ("17", False)])
def test_a_blob_of_another_size_is_not_the_blob(length: str, there: bool) -> None:
    here = place()
    here.fake.wire.always = header("Content-Length", length)
    assert here.open().has_blob(blob()) is there


def test_what_goes_over_the_wire_is_counted() -> None:
    here = place(cdn="cdn.test")
    read(here)
    assert (here.traffic.requests, here.traffic.bytes_down, here.traffic.bytes_up) == (2, len(BLOB), 0)
