from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rebaser.errors import ImageError, TransportError
from rebaser.oci.descriptor import Descriptor, descriptor
from rebaser.oci.digest import Digest
from rebaser.transports.registry.upload import CHUNK, MAX_CHUNK, sized
from tests.builders import an_image, content_of
from tests.builders import store as put
from tests.fakes.registry import FakeRegistry, digest_of, refusal
from tests.fakes.wire import Fault, answers, answers_late, header, reset_after, reset_before
from tests.transports.registry.places import Here, guarded, repository, with_password

OLD, NEW = an_image(), an_image(env=["NEW=1"])
BLOB = bytes(range(256)) * 64
OCTETS = "application/octet-stream"
START = "POST /v2/shop/blobs/uploads/"


def place(**knobs: object) -> Here:
    return Here(FakeRegistry(**knobs))  # type: ignore[arg-type]


def blob(content: bytes = BLOB) -> Descriptor:
    return descriptor(OCTETS, Digest(digest_of(content)), len(content))


def push(here: Here, content: bytes = BLOB) -> None:
    here.open().put_blob(blob(content), content_of(content))


def stored(here: Here, content: bytes = BLOB) -> bool:
    return here.fake.blob("shop", digest_of(content)) == content


def methods(here: Here) -> list[str]:
    return [asked.method for asked in here.fake.wire.journal]


def said(status: int, code: str, message: str = "") -> Fault:
    return Fault(f"{status} {code}", before=lambda _asked: refusal(status, code, message))


# one request


def test_a_blob_goes_up_in_one_request() -> None:
    here = place()
    push(here)
    assert stored(here)
    assert methods(here) == ["POST", "PUT"]
    put_request = here.fake.wire.journal[1]
    assert put_request.headers["content-length"] == str(len(BLOB))
    assert put_request.headers["content-type"] == OCTETS
    assert "transfer-encoding" not in put_request.headers
    assert here.fake.wire.journal[0].headers["content-length"] == "0"
    assert here.traffic.bytes_up == len(BLOB)


def test_no_ping_and_no_question_before_anything() -> None:
    here = place()
    put(NEW, here.open(), "1")
    assert not any(line.endswith("/v2/") for line in here.lines)
    assert "HEAD" not in methods(here)


@pytest.mark.parametrize("location", ["absolute", "relative", "http"])
@pytest.mark.parametrize("query", ["", "_state=a%2Fb%3D%3D", "a=b+c&d=%2B", "x=" + "y" * 8000])
def test_the_address_of_an_upload_is_taken_as_it_is(location: str, query: str) -> None:
    here = place(location=location, location_query=query)
    push(here)
    assert stored(here)
    last = here.fake.wire.journal[-1]
    assert last.url.scheme == "https"
    assert str(last.url).endswith(f"{'?' + query + '&' if query else '?'}digest=sha256%3A{digest_of(BLOB)[7:]}")


def test_an_upload_to_another_host_goes_there_without_our_authorization() -> None:
    here = Here(guarded(location="other-host"), with_password())
    push(here)
    assert stored(here)
    assert here.fake.wire.journal[-1].host == "storage.test"
    here.fake.wire.audit()


@pytest.mark.parametrize(
    "location",
    [
        "http://evil.test/upload",
        "http://registry.test:5000/upload",
        "https://10.0.0.1/upload",
        "https://localhost/upload",
        "https://2130706433/upload",
        "https://user@evil.test/upload",
        "ftp://evil.test/",
        "",
    ],
)
def test_a_blob_is_not_sent_where_it_must_not_go(location: str) -> None:
    here = place()
    here.fake.wire.always = header("Location", location)
    with pytest.raises(TransportError) as refused:
        push(here)
    assert refused.value.code == "registry-misbehaved"
    assert methods(here) == ["POST"]


def test_a_clear_registry_cannot_have_blobs_sent_to_another_clear_host() -> None:
    here = place(host="127.0.0.1:5000", scheme="http", location="evil")
    with pytest.raises(TransportError) as refused:
        push(here)
    assert "not encrypted" in refused.value.message


@pytest.mark.parametrize("content", [b"", b"x"])
def test_the_smallest_blobs_go_up(content: bytes) -> None:
    here = place()
    push(here, content)
    assert stored(here, content)


def test_a_source_that_breaks_leaves_nothing_behind_and_is_told_as_itself() -> None:
    here = place()

    @contextmanager
    def broken() -> Iterator[Iterator[bytes]]:
        def chunks() -> Iterator[bytes]:
            yield BLOB[:100]
            raise ImageError("digest-mismatch", "the source lied", "")

        yield chunks()

    with pytest.raises(ImageError, match="the source lied"):
        here.open().put_blob(blob(), broken)
    assert not stored(here)


@pytest.mark.parametrize("content", [BLOB + b"x", BLOB[:-1]])
def test_a_source_of_another_size_is_told(content: bytes) -> None:
    here = place()
    with pytest.raises(ImageError) as wrong:
        here.open().put_blob(blob(), content_of(content))
    assert wrong.value.code == "digest-mismatch"


# chunks


@pytest.mark.parametrize("status", [400, 404, 405, 413, 416])
def test_a_registry_that_wants_chunks_gets_them(status: int) -> None:
    here = place(monolithic=False, monolithic_refusal=status, chunk_maximum=CHUNK)
    content = bytes(2 * CHUNK + 5)
    push(here, content)
    assert stored(here, content)
    ranges = [asked.headers["content-range"] for asked in here.fake.wire.journal if asked.method == "PATCH"]
    assert ranges == ["0-4194303", "4194304-8388607", "8388608-8388612"]
    last = here.fake.wire.journal[-1]
    assert (last.method, last.headers["content-length"]) == ("PUT", "0")


@pytest.mark.parametrize(
    ("minimum", "size"),
    [(10, CHUNK), (CHUNK + 1, CHUNK + 1), (2**40, MAX_CHUNK)],
)
def test_the_least_size_of_a_chunk_is_honoured_up_to_a_limit(minimum: int, size: int) -> None:
    here = place(monolithic=False, chunk_minimum=minimum)
    content = bytes(size + 7)
    push(here, content)
    assert stored(here, content)
    first = next(asked for asked in here.fake.wire.journal if asked.method == "PATCH")
    assert len(first.body) == size


def test_a_range_that_lies_about_what_is_stored_is_not_believed() -> None:
    here = place(monolithic=False)
    content = bytes(2 * CHUNK)
    here.fake.wire.always = header("Range", "0-7")
    push(here, content)
    assert stored(here, content)


def test_chunks_are_of_one_size_and_lose_nothing() -> None:
    assert list(sized(iter([b"abc", b"", b"defgh", b"i"]), 4)) == [b"abcd", b"efgh", b"i"]
    assert list(sized(iter([]), 4)) == []


def test_a_chunk_whose_answer_was_lost_is_not_sent_twice() -> None:
    here = place(monolithic=False)
    here.fake.wire.faults[4] = reset_after()  # the first PATCH
    push(here)
    assert stored(here)
    sessions = {asked.path for asked in here.fake.wire.journal if asked.method == "PATCH"}
    assert len(sessions) == 2


# what is unclear


@pytest.mark.parametrize("fault", [reset_after(), answers_late(500), answers_late(404), answers_late(504)])
def test_a_commit_whose_answer_was_lost_is_looked_for_and_found(fault: Fault) -> None:
    here = place()
    here.fake.wire.faults[1] = fault
    push(here)
    assert stored(here)
    assert methods(here) == ["POST", "PUT", "HEAD"]


@pytest.mark.parametrize(
    "fault", [reset_before(), answers(500), answers(429), said(404, "BLOB_UPLOAD_UNKNOWN"), said(404, "BLOB_UNKNOWN")]
)
def test_a_blob_that_was_lost_at_its_commit_is_sent_again(fault: Fault) -> None:
    here = place()
    here.fake.wire.faults[1] = fault
    push(here)
    assert stored(here)
    assert methods(here) == ["POST", "PUT", "HEAD", "POST", "PUT"]


def test_an_upload_waits_as_long_as_the_registry_says() -> None:
    here = place()
    here.fake.wire.faults[1] = answers(429, ("Retry-After", "7"))
    push(here)
    assert stored(here)
    assert here.clock.sleeps == [7.0]


def test_an_upload_that_always_fails_is_given_up() -> None:
    here = place()
    here.fake.wire.sites["registry.test"] = lambda asked: (
        here.fake.handle(asked) if asked.method != "PUT" else refusal(500, "UNKNOWN", "oh no")
    )
    with pytest.raises(TransportError) as refused:
        push(here)
    assert refused.value.code == "registry-unavailable"
    assert methods(here).count("PUT") == 3
    assert "oh no" in refused.value.message


@pytest.mark.parametrize("code", ["DIGEST_INVALID", "DENIED"])
def test_a_refusal_that_chunks_would_not_change_is_final(code: str) -> None:
    here = place()
    here.fake.wire.faults[1] = said(400, code)
    with pytest.raises(TransportError):
        push(here)
    assert methods(here) == ["POST", "PUT", "HEAD"]


def test_an_accepted_that_should_be_a_created_is_looked_into() -> None:
    here = place()
    here.fake.wire.faults[1] = answers(202)
    push(here)
    assert stored(here)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "UNAUTHORIZED", "authentication-failed"),
        (403, "DENIED", "access-denied"),
        (404, "NAME_UNKNOWN", "upload-refused"),
        (405, "UNSUPPORTED", "upload-refused"),
        (429, "TOOMANYREQUESTS", "rate-limited"),
        (503, "", "registry-unavailable"),
    ],
)
def test_an_upload_that_is_refused_at_its_start_says_why(status: int, code: str, expected: str) -> None:
    here = place()
    here.fake.wire.always = said(status, code, "because")
    with pytest.raises(TransportError) as refused:
        push(here)
    assert refused.value.code == expected
    assert f"({status}" in refused.value.message
    assert "registry.test/shop" in refused.value.message


def test_a_repository_that_must_be_made_first_is_said() -> None:
    here = place(must_exist=True)
    with pytest.raises(TransportError) as refused:
        push(here)
    assert "Create the repository registry.test/shop" in refused.value.remedy


def test_ghcr_s_denial_says_which_permission_is_missing() -> None:
    here = Here(FakeRegistry("ghcr.io"), with_password())
    here.fake.wire.always = said(403, "DENIED", "permission_denied: write_package")
    with pytest.raises(TransportError) as refused:
        here.open("acme/shop", "ghcr.io").put_blob(blob(), content_of(BLOB))
    assert refused.value.message == (
        f"Could not push to ghcr.io/acme/shop: ghcr.io refused the blob upload of {blob().digest} "
        "(403 DENIED: “permission_denied: write_package”)"
    )


# mounts


def test_a_mount_is_one_request() -> None:
    here = place()
    here.fake.put_blob("base", BLOB)
    assert here.open().mount_blob(blob(), repository("base"))
    assert stored(here)
    assert here.lines == [f"{START}?mount=sha256%3A{blob().digest[7:]}&from=base"]


def test_a_mount_that_opens_an_upload_is_used_for_it() -> None:
    here = place(mounts=202)
    here.fake.put_blob("base", BLOB)
    assert not here.open().mount_blob(blob(), repository("base"))
    push(here)
    assert stored(here)
    assert methods(here) == ["POST", "PUT"]


def test_an_upload_that_a_mount_opened_is_for_its_blob_only_and_only_once() -> None:
    here = place(mounts=202)
    here.open().mount_blob(blob(), repository("base"))
    push(here, b"another")
    push(here)
    push(here)
    assert methods(here) == ["POST", "POST", "PUT", "PUT", "POST", "PUT"]


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_mount_that_is_refused_is_a_plain_upload(status: int) -> None:
    here = place(mounts=status)
    here.fake.put_blob("base", BLOB)
    assert not here.open().mount_blob(blob(), repository("base"))
    push(here)
    assert stored(here)


def test_a_registry_that_fails_at_mounts_costs_tries_and_no_more() -> None:
    here = place(mounts=500)
    assert not here.open().mount_blob(blob(), repository("base"))


def test_nothing_is_mounted_from_another_registry() -> None:
    here = place()
    assert not here.open().mount_blob(blob(), repository("base", "other.test"))
    assert here.lines == []


# manifests


def test_a_manifest_is_put_by_digest_and_its_tag_last() -> None:
    here = place()
    put(NEW, here.open(), "1")
    puts = [line for line in here.lines if "/manifests/" in line]
    assert puts == [f"PUT /v2/shop/manifests/{NEW.digest}", "PUT /v2/shop/manifests/1"]
    assert here.fake.wire.journal[-1].headers["content-type"] == NEW.media_type
    assert here.fake.manifest("shop", "1") == NEW.content


def test_a_manifest_whose_blobs_are_missing_has_a_code_of_its_own() -> None:
    here = place()
    with pytest.raises(TransportError) as refused:
        here.open().put_manifest(NEW.document)
    assert refused.value.code == "manifest-blob-unknown"


@pytest.mark.parametrize("status", [400, 404, 413, 415])
def test_a_type_that_a_registry_does_not_take_names_the_input_to_change(status: int) -> None:
    here = place()
    here.fake.wire.always = answers(status)
    with pytest.raises(TransportError) as refused:
        here.open().put_manifest(NEW.document)
    assert refused.value.code == "manifest-refused"
    assert "manifest-format" in refused.value.remedy


@pytest.mark.parametrize("tagged", [False, True])
def test_a_registry_that_says_it_stored_something_else_is_not_believed(tagged: bool) -> None:
    here = place()
    put(NEW, here.open())
    here.fake.wire.always = header("Docker-Content-Digest", OLD.digest)
    with pytest.raises(TransportError) as refused:
        here.open().put_tag("1", NEW.document) if tagged else here.open().put_manifest(NEW.document)
    assert refused.value.code == "registry-misbehaved"


@pytest.mark.parametrize("value", ["", "nonsense"])
def test_a_malformed_digest_after_a_put_is_passed_over(value: str) -> None:
    here = place()
    here.fake.wire.always = header("Docker-Content-Digest", value)
    put(NEW, here.open(), "1")
    assert here.fake.tags("shop") == {"1": NEW.digest}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_manifest_is_put_again_when_it_was_not_the_time(status: int) -> None:
    here = place()
    put(NEW, here.open())
    here.fake.wire.forget()
    here.fake.wire.faults[0] = answers(status, ("Retry-After", "3"))
    here.open().put_tag("1", NEW.document)
    assert here.fake.tags("shop") == {"1": NEW.digest}
    assert here.clock.sleeps == [3.0]


def test_a_tag_that_was_moved_though_the_registry_failed_is_moved() -> None:
    here = place()
    put(NEW, here.open())
    here.fake.wire.forget()
    here.fake.wire.faults = dict.fromkeys(range(5), answers_late(500))
    here.open().put_tag("1", NEW.document)
    assert here.lines[-1] == "HEAD /v2/shop/manifests/1"


def test_a_manifest_whose_every_answer_was_lost_is_there() -> None:
    here = place()
    put(NEW, here.open())
    here.fake.wire.forget()
    here.fake.wire.faults = dict.fromkeys(range(5), reset_after())
    here.open().put_manifest(NEW.document)


def test_a_tag_that_does_not_move_is_told() -> None:
    here = place()
    put(NEW, here.open())
    here.fake.wire.sites["registry.test"] = lambda asked: (
        here.fake.handle(asked) if asked.method != "PUT" else refusal(500, "UNKNOWN")
    )
    with pytest.raises(TransportError) as refused:
        here.open().put_tag("1", NEW.document)
    assert refused.value.code == "registry-unavailable"


def test_a_manifest_that_is_not_readable_at_once_is_waited_for() -> None:
    here = place(consistency_delay=5)
    put(NEW, here.open())
    assert here.open().manifest(NEW.digest).document.content == NEW.content
    assert 5 < here.clock.elapsed < 40


def test_a_manifest_that_never_becomes_readable_is_given_up() -> None:
    here = place(consistency_delay=1000)
    put(NEW, here.open())
    with pytest.raises(TransportError):
        here.open().manifest(NEW.digest)
    assert here.clock.elapsed < 40


def test_a_manifest_that_somebody_else_wrote_is_not_waited_for() -> None:
    here = place()
    with pytest.raises(TransportError):
        here.open().manifest(NEW.digest)
    assert here.clock.elapsed == 0


# immutable tags


@pytest.mark.parametrize("status", [400, 403, 409, 412])
def test_an_immutable_tag_that_names_this_already_is_a_success(status: int) -> None:
    here = place(immutable=status)
    put(NEW, here.open(), "1")
    here.open().put_tag("1", NEW.document)
    assert here.fake.tags("shop") == {"1": NEW.digest}


@pytest.mark.parametrize("status", [400, 403, 409, 412])
def test_an_immutable_tag_that_names_something_else_stays(status: int) -> None:
    here = place(immutable=status)
    put(OLD, here.open(), "1")
    put(NEW, here.open())
    with pytest.raises(TransportError) as refused:
        here.open().put_tag("1", NEW.document)
    assert refused.value.code == "tag-immutable"
    assert "`tags`" in refused.value.remedy
    assert here.fake.tags("shop") == {"1": OLD.digest}


def test_a_denial_that_is_not_about_the_tag_is_a_denial() -> None:
    here = place()
    put(NEW, here.open())
    here.fake.wire.always = said(403, "DENIED", "you may not push")
    with pytest.raises(TransportError) as refused:
        here.open().put_tag("1", NEW.document)
    assert refused.value.code == "access-denied"


@pytest.mark.parametrize("status", [300, 301, 307, 308])
def test_nothing_that_is_written_follows_a_redirect(status: int) -> None:
    here = place()
    here.fake.wire.always = answers(status, ("Location", "https://evil.test/"))
    with pytest.raises(TransportError):
        push(here)
    with pytest.raises(TransportError):
        here.open().put_manifest(NEW.document)
    assert not any("evil" in line for line in here.lines)


def test_a_name_that_is_no_tag_is_never_put() -> None:
    here = place()
    with pytest.raises(TransportError):
        here.open().put_tag("../x", NEW.document)
    assert here.lines == []
