"""An engine, its images, and registries: started here, or asked for in vain.

In CI whatever is missing fails the tests. Elsewhere they are skipped, with what was missing as the reason.
"""

import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from pytest_docker.plugin import Services

from tests.images.catalog import REGISTRIES
from tests.images.engine import Engine
from tests.images.images import Images, ready
from tests.images.machine import MissingError, in_ci, tool
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.process import Rebaser
from tests.integration.registries import Registry
from tests.integration.shelf import Shelf

OWNER = ("owner", "canary-of-the-private-registry")
Found = TypeVar("Found")


def found(search: Callable[[], Found]) -> Found:
    try:
        return search()
    except MissingError as error:
        reason = f"needs real images: {error} (.ci/run installs and starts all of it)"
    if in_ci():
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def images() -> Images:
    return found(ready)


@pytest.fixture(scope="session")
def engine(images: Images) -> Engine:
    return images.engine


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    return str(Path(__file__).with_name("docker-compose.yml"))


@pytest.fixture(scope="session")
def docker_compose_command(engine: Engine) -> str:
    plugin = subprocess.run((engine.client, "compose", "version"), capture_output=True, check=False)
    return f"{engine.client} compose" if plugin.returncode == 0 else found(lambda: tool("docker-compose"))


@pytest.fixture(scope="session")
def docker_setup(images: Images) -> list[str]:
    for name in REGISTRIES:
        images.registry(name)
    return ["up --detach"]


@pytest.fixture(scope="session")
def registries(docker_ip: str, docker_services: Services, engine: Engine) -> Iterator[dict[str, Registry]]:
    """The open ones."""
    up = {name: _registry(name, docker_ip, docker_services, engine) for name in ("distribution", "referrers")}
    yield up
    for registry in up.values():
        registry.forget()


@pytest.fixture(scope="session")
def private(docker_ip: str, docker_services: Services, engine: Engine) -> Registry:
    """Wants to know who one is."""
    return _registry("private", docker_ip, docker_services, engine, OWNER)


def _registry(
    name: str, docker_ip: str, services: Services, engine: Engine, login: tuple[str, str] | None = None
) -> Registry:
    registry = Registry(name, f"{docker_ip}:{services.port_for(name, 5000)}", engine, login)
    services.wait_until_responsive(timeout=60, pause=0.2, check=registry.answers)
    return registry


@pytest.fixture(scope="session")
def distribution(registries: dict[str, Registry]) -> Registry:
    """Mounts blobs from one repository into another; knows no referrers."""
    return registries["distribution"]


@pytest.fixture(scope="session")
def referrers(registries: dict[str, Registry]) -> Registry:
    """Answers the referrers API; does not mount."""
    return registries["referrers"]


@pytest.fixture(scope="session")
def dockerfiles(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Dockerfiles:
    """Builds in a directory with a.txt, b.txt, t.tar and dir/ in it."""
    context = tmp_path_factory.mktemp("context")
    (context / "dir").mkdir()
    for name in ("a.txt", "b.txt", "dir/c.txt"):
        (context / name).write_text(name)
    with tarfile.open(context / "t.tar", "w") as archive:
        archive.add(context / "a.txt", "inside/a.txt")
    return Dockerfiles(images, context)


@pytest.fixture(scope="session")
def shelf(images: Images, distribution: Registry) -> Shelf:
    return Shelf(images, distribution)


@pytest.fixture(scope="session")
def rebaser(tmp_path_factory: pytest.TempPathFactory) -> Rebaser:
    return Rebaser(tmp_path_factory.mktemp("rebaser"))
