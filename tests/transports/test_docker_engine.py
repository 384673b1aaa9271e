import gc
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from rebaser.errors import ImageNotFound, TransportError
from rebaser.oci.reference import Repository, Transport
from rebaser.transports.docker_daemon import DockerDaemon
from rebaser.transports.docker_engine import Engine, EngineAddress, engine_from
from rebaser.transports.traffic import Traffic
from tests.builders import AnImage, a_layer, an_image, an_index, store
from tests.fakes.engine import FakeEngine
from tests.invariants import assert_valid

SHOP = Repository(Transport.DOCKER_DAEMON, "", "docker.io/library/shop")


_OPEN = ExitStack()


@pytest.fixture(autouse=True)
def _everything_is_closed() -> Iterator[None]:
    with _OPEN:
        yield


def an_engine(address: EngineAddress, wire: httpx.BaseTransport | None = None) -> Engine:
    engine = Engine(address, Traffic(), wire)
    _OPEN.callback(engine.close)
    return engine


def a_store(fake: FakeEngine, repository: Repository = SHOP) -> DockerDaemon:
    opened = DockerDaemon(repository, an_engine(EngineAddress("unix:///run/test.sock"), fake.wire))
    _OPEN.callback(opened.close)
    return opened


def loaded(fake: FakeEngine, image: AnImage, tag: str = "1") -> None:
    store(image, a_store(fake), tag)


def refusal(act: Callable[[], object]) -> TransportError:
    with pytest.raises(TransportError) as raised:
        act()
    return raised.value


@pytest.mark.parametrize(
    ("environment", "host", "certificates"),
    [
        ({}, "unix:///var/run/docker.sock", ""),
        ({"DOCKER_HOST": "tcp://build:2375"}, "tcp://build:2375", ""),
        ({"DOCKER_HOST": "tcp://build:2376", "DOCKER_CERT_PATH": "/c"}, "tcp://build:2376", ""),
        ({"DOCKER_HOST": "tcp://b:1", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/c"}, "tcp://b:1", "/c"),
        ({"DOCKER_TLS_VERIFY": "1", "HOME": "/h"}, "unix:///var/run/docker.sock", "/h/.docker"),
    ],
)
def test_the_engine_is_where_the_docker_command_looks_for_it(
    environment: dict[str, str], host: str, certificates: str
) -> None:
    assert engine_from(environment) == EngineAddress(host, certificates)


@pytest.mark.parametrize(
    "host", ["unix:///nowhere.sock", "unix://", "ssh://me@there", "npipe:////./pipe", "tcp://a@b:1", "tcp://b", "x"]
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # httpcore leaves a socket to the collector
def test_an_engine_that_is_not_there_is_told_with_where_it_was_looked_for(host: str) -> None:
    found = refusal(lambda: an_engine(EngineAddress(host)).identity("shop"))
    assert found.code == "engine-unreachable"
    assert host in found.message
    assert "DOCKER_HOST" in found.remedy
    del found
    gc.collect()


def test_missing_certificates_are_told(tmp_path: Path) -> None:
    found = refusal(lambda: an_engine(EngineAddress("tcp://127.0.0.1:9", str(tmp_path))).identity("shop"))
    assert (found.code, str(tmp_path) in found.message) == ("engine-unreachable", True)


def test_what_the_engine_says_is_told_and_no_name_moves() -> None:
    fake = FakeEngine()
    loaded(fake, an_image(env=["V=1"]))
    before = dict(fake.tags)

    def full(request: httpx.Request) -> httpx.Response | None:
        said = {"error": "write /layer.tar: no space left on device \x1b[31m"}
        return httpx.Response(200, content=json.dumps(said)) if request.url.path == "/images/load" else None

    fake.fault = full
    found = refusal(lambda: loaded(fake, an_image(env=["V=2"])))
    assert found.code == "engine-refused"
    assert "no space left on device" in found.message
    assert "\x1b" not in found.message
    assert fake.tags == before


def test_a_name_moves_after_the_image_is_there() -> None:
    fake = FakeEngine()
    loaded(fake, an_image())
    assert fake.asked.index("POST /images/load") < next(
        position for position, line in enumerate(fake.asked) if line.endswith("/tag")
    )


def test_an_image_that_the_engine_has_is_not_sent_again() -> None:
    fake = FakeEngine()
    loaded(fake, an_image())
    loaded(fake, an_image(), "2")
    assert fake.asked.count("POST /images/load") == 1
    assert len(fake.tags) == 2


def test_one_that_takes_an_image_and_then_has_none_is_told() -> None:
    fake = FakeEngine(fault=lambda request: httpx.Response(200) if request.url.path == "/images/load" else None)
    assert "does not know it afterwards" in refusal(lambda: loaded(fake, an_image())).message


def test_several_platforms_are_refused_by_a_store_that_would_keep_one() -> None:
    index = an_index([an_image(platform="linux/amd64"), an_image(platform="linux/arm64")])
    found = refusal(lambda: store(index, a_store(FakeEngine()), "1"))
    assert "linux/amd64, linux/arm64" in found.message
    fake = FakeEngine(keeps_manifests=True)
    store(index, a_store(fake), "1")
    assert_valid(a_store(fake), "1")


@pytest.mark.parametrize("keeps_manifests", [False, True])
def test_another_process_reads_the_image_that_was_written(*, keeps_manifests: bool) -> None:
    fake = FakeEngine(keeps_manifests=keeps_manifests)
    image = an_image([a_layer({"a": "a"}), a_layer({"b": "b"})])
    loaded(fake, image)
    again = a_store(fake)
    assert_valid(again, "1")
    assert (again.resolve("1") == image.digest) is keeps_manifests
    (identity,) = fake.images
    by_id = a_store(fake, Repository(Transport.DOCKER_DAEMON, "", identity))
    assert by_id.untagged() == again.resolve("1")
    assert by_id.manifest(by_id.untagged()).document == again.manifest("1").document


def test_an_image_that_is_not_there_is_told_by_its_name() -> None:
    with pytest.raises(ImageNotFound) as raised:
        a_store(FakeEngine()).manifest("1")
    assert "shop:1 in the engine at unix:///run/test.sock" in raised.value.message


def test_what_the_engine_saves_may_be_broken() -> None:
    fake = FakeEngine()
    loaded(fake, an_image())
    fake.fault = lambda request: httpx.Response(200, content=b"no tar") if request.url.path.endswith("/get") else None
    assert refusal(lambda: a_store(fake).resolve("1")).code == "archive-invalid"


def test_an_endless_answer_is_not_kept() -> None:
    fake = FakeEngine(fault=lambda _request: httpx.Response(200, content=b" " * (5 << 20)))
    assert refusal(lambda: a_store(fake).resolve("1")).code == "engine-refused"
