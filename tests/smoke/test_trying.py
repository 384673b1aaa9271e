"""Tests in an engine that refuses, hangs and lies; whatever happens, nothing is left there."""

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rebaser.errors import InputError, TransportError
from rebaser.oci.platform import Platform
from rebaser.oci.reference import Repository, Transport
from rebaser.oci.strict_json import JsonObject
from rebaser.smoke.containers import Watch
from rebaser.smoke.trying import Ready, made_ready, tried
from rebaser.transports.docker_engine import Engine, EngineAddress
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from rebaser.trial.model import Command, OwnHealthcheck, SmokeResult, SmokeTest, StructureFile
from rebaser.trial.structure import Structure
from tests.builders import a_layer, an_image, as_image, store
from tests.fakes.containers import Does
from tests.fakes.engine import FakeEngine, a_tar_of

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
TRUE = Command(("true",), "true")
HEALTH: JsonObject = {"Test": ["CMD", "true"], "Interval": 30_000_000_000, "Retries": 3}


class Place:
    """An image in a layout, and an engine that does not have it; time passes only where somebody waits."""

    def __init__(self, directory: Path, config: JsonObject | None = None) -> None:
        self.fake = FakeEngine()
        self.source = OciLayout(Repository(Transport.OCI_LAYOUT, "", str(directory)), Traffic())
        image = an_image([a_layer({"srv/app": "app"})], config=config)
        store(image, self.source, "1")
        self.image = as_image(image)
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def ready(self, platform: Platform = AMD64) -> Ready:
        engine = Engine(EngineAddress(), Traffic(), self.fake.wire)
        return Ready(engine, platform, Watch(lambda: self.now, self.wait, seconds=60))

    def results(self, *tests: SmokeTest) -> list[SmokeResult]:
        return list(tried(tests, self.source, (self.image,), self.ready()).results)

    def result(self, test: SmokeTest, does: Does) -> SmokeResult:
        self.fake.containers.does = lambda _made: does
        (found,) = self.results(test)
        return found

    @property
    def left(self) -> tuple[object, object]:
        return self.fake.images, self.fake.containers.there


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    assert place.left == ({}, {})


def test_a_command_that_ends_well_has_passed(place: Place) -> None:
    assert place.result(TRUE, Does(0, b"fine\n", b"careful\n")) == SmokeResult("true", 0, ("fine", "careful"), 0.0)


def test_a_container_has_no_network_no_mounts_no_rights_and_limits(place: Place) -> None:
    place.results(Command(("/bin/sh", "-c", "x"), "x"))
    (made,) = place.fake.containers.made
    assert made["HostConfig"] == {
        "NetworkMode": "none",
        "Memory": 4294967296,
        "PidsLimit": 2048,
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}},
    }
    assert (made["Entrypoint"], made["Cmd"], made["Env"]) == (["/bin/sh", "-c", "x"], [], [])
    assert "User" not in made


def test_a_command_that_fails_says_how(place: Place) -> None:
    found = place.result(TRUE, Does(3, b"", b"no such locale\n"))
    assert (found.exit_code, found.failure, found.output) == (3, "it ended with 3", ("no such locale",))


def test_a_command_that_hangs_is_ended_after_its_time(place: Place) -> None:
    found = place.result(TRUE, Does(None, b"waiting\n"))
    assert (found.exit_code, found.failure) == (None, "it was ended after 60 seconds")
    assert found.output == ("waiting",)
    assert 60 <= found.seconds < 62
    assert [asked for asked in place.fake.asked if asked.endswith("/kill")] != []


def test_a_command_that_wants_too_much_memory_says_so(place: Place) -> None:
    assert place.result(TRUE, Does(137, oom=True)).failure == "it wanted more than 4294967296 bytes of memory"


def test_a_program_that_cannot_be_started_is_a_failure(place: Place) -> None:
    found = place.result(TRUE, Does(refusal=(400, 'exec: "true": not found', 127)))
    assert (found.exit_code, found.failure) == (127, 'exec: "true": not found')


def test_an_engine_that_cannot_start_anything_is_an_error_and_no_failure(place: Place) -> None:
    with pytest.raises(TransportError, match=r"`smoke-test` cannot be finished: .*cannot make a cgroup") as raised:
        place.result(TRUE, Does(refusal=(500, "cannot make a cgroup", 128)))
    assert raised.value.code == "engine-refused"
    assert "leave `smoke-test` out" in raised.value.remedy


def test_much_output_is_kept_only_to_its_end_and_safe_to_print(place: Place) -> None:
    found = place.result(TRUE, Does(0, b"x\n" * 100_000 + b"\x1b[31mred\r\n" + b"y" * 5000))
    assert len(found.output) == 40
    assert found.output[-2] == "\\x1b[31mred"
    assert found.output[-1].endswith("(4600 more)")


@pytest.mark.parametrize("content", [b"\x01", b"\x01\0\0\0\xff\xff\xff\xffabc", b"\x07\0\0\0\0\0\0\x01a"])
def test_a_log_that_breaks_off_is_read_as_far_as_it_goes(place: Place, content: bytes) -> None:
    place.fake.fault = lambda asked: httpx.Response(200, content=content) if "/logs" in asked.url.path else None
    assert place.result(TRUE, Does(0)).failure == ""


def test_an_image_that_the_engine_had_before_stays_there(tmp_path: Path) -> None:
    place = Place(tmp_path)
    identity = place.image.manifest.view.config.digest
    place.fake.images[identity] = {}
    assert place.results(TRUE)[0].failure == ""
    assert list(place.fake.images) == [identity]
    assert "POST /images/load" not in place.fake.asked


@pytest.mark.parametrize(
    ("where", "answer", "problem"),
    [
        ("/containers/create", httpx.Response(409, json={"message": "no more"}), "no more"),
        ("/containers/create", httpx.Response(201, json=[]), "HTTP 201"),
        ("/images/load", httpx.Response(200, json={"error": "no space left"}), "no space left"),
        ("/json", httpx.Response(200, json={"State": 3}), "without a"),
    ],
)
def test_an_engine_that_refuses_or_talks_nonsense_is_quoted(
    place: Place, where: str, answer: httpx.Response, problem: str
) -> None:
    place.fake.fault = lambda asked: (
        answer if asked.url.path.endswith(where) and "/images/sha" not in asked.url.path else None
    )
    with pytest.raises(TransportError, match=problem):
        place.results(TRUE)


def nobody(_asked: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("No such file or directory")


def test_no_engine_is_told_with_the_input_that_wants_one() -> None:
    with pytest.raises(TransportError, match="`smoke-test` cannot be run: No container engine") as raised:
        made_ready(Engine(EngineAddress(), Traffic(), httpx.MockTransport(nobody)))
    assert raised.value.code == "smoke-test-impossible"
    assert "leave `smoke-test` out" in raised.value.remedy


def test_the_platform_that_the_engine_runs_is_tried(place: Place) -> None:
    ready = place.ready(ARM64)
    assert ready.suits([AMD64, ARM64]) == 1
    with pytest.raises(TransportError, match="runs linux/arm64, and what is rebased is for linux/amd64"):
        ready.suits([AMD64])


# Health checks


@pytest.mark.parametrize(
    ("does", "failure"),
    [
        (Does(None, health="healthy"), ""),
        (Does(None, health="unhealthy"), "its health check fails"),
        (Does(None, health="starting"), "its health check had not passed after 60 seconds"),
        (Does(2), "it ended with 2 before its health check had passed"),
        (Does(137, oom=True), "it ended for want of memory before its health check had passed"),
        (Does(refusal=(400, "no such file", 127)), "no such file"),
    ],
)
def test_what_its_own_health_check_says_counts(tmp_path: Path, does: Does, failure: str) -> None:
    place = Place(tmp_path, {"Healthcheck": HEALTH})
    assert place.result(OwnHealthcheck(), does).failure == failure
    (made,) = place.fake.containers.made
    assert made["Healthcheck"] == {"Test": ["CMD", "true"], "Interval": 2_000_000_000, "Retries": 45}
    assert "Entrypoint" not in made
    assert place.left == ({}, {})


def test_what_the_check_printed_is_kept(tmp_path: Path) -> None:
    place = Place(tmp_path, {"Healthcheck": HEALTH})
    found = place.result(OwnHealthcheck(), Does(None, b"up\n", health="unhealthy", checked="refused\n"))
    assert (found.exit_code, found.output) == (1, ("up", "refused"))


@pytest.mark.parametrize("settings", [{}, {"Healthcheck": {"Test": ["NONE"]}}, {"Healthcheck": {"Test": []}}])
def test_an_image_without_a_health_check_is_a_wrong_input(tmp_path: Path, settings: JsonObject) -> None:
    place = Place(tmp_path, settings)
    with pytest.raises(InputError, match="no health check of its own"):
        place.results(OwnHealthcheck())
    assert place.left == ({}, {})


# Structure tests


def structure(**members: object) -> StructureFile:
    return StructureFile("t.yaml", Structure.model_validate({"schemaVersion": "2.0.0", **members}))


def an_archive(*entries: tuple[str, bytes, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, content in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = kind, 0o640
            if isinstance(content, str):
                entry.linkname = content
                archive.addfile(entry)
            else:
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def content_test(path: str, *patterns: str) -> StructureFile:
    return structure(fileContentTests=[{"name": "n", "path": path, "expectedContents": [*patterns]}])


def test_setup_runs_before_and_what_it_left_is_removed(place: Place) -> None:
    place.fake.containers.does = lambda made: Does(0, json.dumps(made["Entrypoint"]).encode())
    test = structure(commandTests=[{"name": "n", "setup": [["a"], ["b"]], "command": "c", "expectedOutput": ['"c"']}])
    assert [result.failure for result in place.results(test)] == [""]
    assert [made["Image"][-2:] for made in place.fake.containers.made[1:]] == ["01", "02"]
    assert [asked[-2:] for asked in place.fake.asked if asked.startswith("DELETE /images/sha256:0")] == ["02", "01"]


def test_setup_that_cannot_be_started_is_the_end_of_its_test(place: Place) -> None:
    place.fake.containers.does = lambda _made: Does(refusal=(400, "not found", 127))
    (found,) = place.results(structure(commandTests=[{"name": "n", "setup": [["a", "b"]], "command": "c"}]))
    assert found.failure == "a b: not found"
    assert len(place.fake.containers.made) == 1


def test_a_file_is_read_through_links(place: Place) -> None:
    place.fake.containers.files = {
        "/etc/a": an_archive(("a", tarfile.SYMTYPE, "../srv/b")),
        "/srv/b": an_archive(("b", tarfile.REGTYPE, b"content")),
    }
    assert [result.failure for result in place.results(content_test("/etc/a", "^content$"))] == [""]


@pytest.mark.parametrize(
    ("archive", "failure"),
    [
        (an_archive(("a", tarfile.SYMTYPE, "a")), "/a leads through more than 40 links"),
        (an_archive(("a", tarfile.DIRTYPE, b"")), "/a is no file"),
        (an_archive(("a", tarfile.REGTYPE, bytes(5_000_000))), "/a has more than 4194304 bytes"),
        (None, "/a is not there"),
    ],
)
def test_a_file_that_cannot_be_read_has_failed(place: Place, archive: bytes | None, failure: str) -> None:
    place.fake.containers.files = {} if archive is None else {"/a": archive}
    assert [result.failure for result in place.results(content_test("/a", "x"))] == [failure]


@pytest.mark.parametrize("archive", [b"", b"x" * 2000, bytes(1024)])
def test_an_archive_that_is_none_is_the_engines_mistake(place: Place, archive: bytes) -> None:
    place.fake.containers.files = {"/a": archive}
    with pytest.raises(TransportError, match="its archive of a path"):
        place.results(content_test("/a", "x"))


def test_what_stands_at_a_path_is_looked_at_without_starting_anything(place: Place) -> None:
    place.fake.containers.files = {"/a": a_tar_of({"a": b"x"})}
    there = {"name": "there", "path": "/a"}
    absent = {"name": "absent", "path": "/b"}
    found = place.results(structure(fileExistenceTests=[there, absent]))
    assert [(result.test, result.failure) for result in found] == [
        ("t.yaml: there", ""),
        ("t.yaml: absent", "/b is not there"),
    ]
    assert not any(asked.endswith("/start") for asked in place.fake.asked)
