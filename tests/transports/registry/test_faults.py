"""The sweep: every fault at every request of a whole job. reference/reliability.md §7.1.

Whatever happens: it ends, with success or with an error that has a code; the tag names the old image or the new one;
no secret is seen where it should not be; and running again ends well.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from rebaser.errors import RebaserError, TransportError
from rebaser.oci.manifest import Manifest
from rebaser.transports.base import read_blob
from tests.builders import a_layer, an_image, content_of
from tests.fakes.wire import (
    Fault,
    answers,
    answers_late,
    breaks_off,
    endless,
    header,
    reset_after,
    reset_before,
    stops_short,
    trailing_bytes,
    wrong_bytes,
)
from tests.transports.registry.places import Here, guarded, repository, with_password

BASE = an_image([a_layer({"base": "1"}), a_layer({"base": "2"})])
OLD = an_image([a_layer({"app": "1"})], env=["OLD=1"])
NEW = an_image([*BASE.layers, a_layer({"app": "2"})], env=["NEW=1"])

STATUSES = [400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 415, 416, 418, 429, 451]
STATUSES += [499, 500, 501, 502, 503, 504, 505, 507, 599, 200, 201, 202, 204, 206, 300, 304]
MONTHS = ["0", "1", "3600", "-1", "abc", "Wed, 30 Apr 2025 08:01:00 GMT", "1746136938", "1000000000"]
CHALLENGES = [
    'Basic realm="x"',
    'Bearer realm="https://evil.test/token"',
    'Bearer realm="http://auth.registry.test/token"',
    'Bearer realm="https://169.254.169.254/"',
    'Bearer realm="https://auth.registry.test/token",service="other",scope="repository:other:pull"',
    'Bearer error="insufficient_scope"',
    "Negotiate",
]
PLACES = [
    "https://evil.test/x",
    "http://evil.test/x",
    "http://registry.test/x",
    "https://registry.test:5000/",
    "https://169.254.169.254/x",
    "//evil.test/x",
    "https://alice@registry.test/x",
    "/",
    "",
    "x#y",
    "https://[::1",
]
BODIES = [b"", b"{", b"[]", b'{"a":1,"a":2}', b"\xff", b"<html>hello</html>", b'{"errors":null}', b"[" * 10_000]

FAULTS = [
    reset_before(),
    reset_after(),
    breaks_off(0),
    breaks_off(1),
    breaks_off(50),
    stops_short(),
    trailing_bytes(),
    wrong_bytes(),
    endless(),
    *(answers(status) for status in STATUSES),
    *(answers_late(status) for status in (404, 500, 502)),
    *(answers(429, ("Retry-After", value)) for value in MONTHS),
    *(answers(503, ("Retry-After", value)) for value in MONTHS),
    *(answers(401, ("WWW-Authenticate", challenge)) for challenge in CHALLENGES),
    *(answers(307, ("Location", place)) for place in PLACES),
    *(answers(202, ("Location", place)) for place in PLACES),
    *(header("Location", place) for place in PLACES),
    *(answers(200, body=body) for body in BODIES),
    header("Docker-Content-Digest", "sha256:" + "0" * 64),
    header("Docker-Content-Digest", "nonsense"),
    header("Content-Type", "application/vnd.oci.image.index.v1+json"),
    header("Content-Encoding", "gzip"),
    header("Content-Range", "bytes 7-9/10"),
    header("OCI-Chunk-Min-Length", "99999999999999999999"),
]


@dataclass
class Job:
    """A small rebase: reads image and base, mounts, uploads, puts the manifest, reads it back, moves the tag."""

    knobs: dict[str, Any]
    stride: int

    def place(self) -> Here:
        here = Here(guarded(**self.knobs), with_password())
        for image, name, tag in ((BASE, "base", "12"), (OLD, "shop", "1")):
            for content in image.blobs.values():
                here.fake.put_blob(name, content)
            here.fake.put_manifest(name, tag, image.content, image.media_type)
        return here

    def run(self, here: Here) -> None:
        shop, base = here.open(), here.open("base")
        shop.resolve("1")
        for store, tag in ((shop, "1"), (base, "12")):
            found = store.manifest(tag)
            assert isinstance(found, Manifest)
            read_blob(store, found.view.config, 100_000)
        for layer in BASE.layers:
            if not shop.mount_blob(layer.descriptor, repository("base")):
                shop.put_blob(layer.descriptor, lambda layer=layer: base.blob(layer.descriptor))  # type: ignore[misc]
        shop.put_blob(NEW.layers[-1].descriptor, content_of(NEW.layers[-1].content))
        shop.put_blob(NEW.config_descriptor, content_of(NEW.config))
        shop.put_manifest(NEW.document)
        assert shop.manifest(NEW.digest).document.content == NEW.content
        shop.put_tag("1", NEW.document)
        if shop.resolve("1") != NEW.digest:
            raise TransportError("tag-moved", "it names something else", "-")

    def requests(self) -> int:
        here = self.place()
        self.run(here)
        assert here.fake.tags("shop")["1"] == NEW.digest
        return len(here.lines)


STRIDE = 15
"""1: every fault at every request, which takes minutes. More: each fault at every so many, beginning elsewhere."""

JOBS = {
    "plain": Job({}, STRIDE),
    "basic": Job({"auth": "basic", "mounts": 202, "location": "relative"}, 2 * STRIDE),
    "quirks": Job(
        {"head": "off", "cdn": "cdn.test", "monolithic": False, "mounts": 404, "digest_header": False}, 3 * STRIDE
    ),
}


REQUESTS = {name: job.requests() for name, job in JOBS.items()}


def attempt(job: Job, here: Here) -> RebaserError | None:
    try:
        job.run(here)
    except RebaserError as error:
        return error
    return None


def assert_sane(here: Here, error: RebaserError | None, what: str) -> None:
    tag = here.fake.tags("shop")["1"]
    assert tag in (OLD.digest, NEW.digest), what
    assert error is not None or tag == NEW.digest, what
    if error is not None:
        assert error.code, what
        assert error.remedy, what
        assert "canary" not in f"{error.message} {error.remedy}", what
        assert error.message.isprintable(), what
    assert here.clock.elapsed < 1800, what
    assert len(here.lines) < 400, what
    here.fake.wire.audit()


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_any_fault_at_any_request_once(name: str, fault: Fault) -> None:
    job = JOBS[name]
    for number in range(FAULTS.index(fault) % job.stride, REQUESTS[name], job.stride):
        here = job.place()
        here.fake.wire.faults[number] = fault
        error = attempt(job, here)
        what = f"{fault.name} at {here.lines[number]}"
        assert_sane(here, error, what)
        if error is not None:
            here.fake.wire.forget()
            job.run(here)
            assert here.fake.tags("shop")["1"] == NEW.digest, what


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_any_fault_from_any_request_on(name: str, fault: Fault) -> None:
    job = JOBS[name]
    for number in range(FAULTS.index(fault) % job.stride, REQUESTS[name], 3 * job.stride):
        here = job.place()
        here.fake.wire.always, here.fake.wire.always_from = fault, number
        error = attempt(job, here)
        assert_sane(here, error, f"{fault.name} from request {number} on")
