"""A registry that wants to know who one is: every way to tell it, and that the password shows nowhere."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.images.engine import Builder
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.process import Rebaser, Told
from tests.integration.registries import Registry

WRONG = "canary-that-opens-nothing"


@pytest.fixture
def request_(private: Registry, dockerfiles: Dockerfiles, request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Both bases and an application in a repository of the test's own."""
    old, new = (dockerfiles.build(f"ENV BASE={age}\nRUN echo {age} > /base", Builder.CLASSIC) for age in ("old", "new"))
    app = dockerfiles.build("COPY a.txt /", Builder.CLASSIC, old)
    repository = f"guarded/{request.node.originalname.replace('_', '-')}"
    names = [private.copy(f"docker-daemon:{tag}", repository, name) for name, tag in (("old", old), ("new", new))]
    return (private.copy(f"docker-daemon:{app}", repository), "--old-base", names[0], "--new-base", names[1])


def test_flags(request_: tuple[str, ...], private: Registry, rebaser: Rebaser) -> None:
    user, password = _login(private)
    _assert_rebased(rebaser.rebase(*request_, "--username", user, "--password", password), private)


def test_variables(request_: tuple[str, ...], private: Registry, rebaser: Rebaser) -> None:
    user, password = _login(private)
    _assert_rebased(rebaser.rebase(*request_, REBASE_USERNAME=user, REBASE_PASSWORD=password), private)


def test_a_list_of_logins(request_: tuple[str, ...], private: Registry, rebaser: Rebaser) -> None:
    several = f"registry.example nobody {WRONG}\n{private.address} {' '.join(_login(private))}\n"
    _assert_rebased(rebaser.rebase(*request_, REBASE_REGISTRY_AUTH=several), private)


def test_the_file_that_docker_login_writes(
    request_: tuple[str, ...], private: Registry, rebaser: Rebaser, tmp_path: Path
) -> None:
    _docker_config(tmp_path, private, ":".join(_login(private)))
    _assert_rebased(rebaser.rebase(*request_, DOCKER_CONFIG=str(tmp_path)), private)


def test_a_wrong_password(request_: tuple[str, ...], private: Registry, rebaser: Rebaser) -> None:
    user, _ = _login(private)
    _assert_denied(rebaser.rebase(*request_, "--username", user, "--password", WRONG))
    _assert_denied(rebaser.rebase(*request_, "--json", REBASE_USERNAME=user, REBASE_PASSWORD=WRONG))


def test_a_wrong_password_in_the_file_that_docker_login_writes(
    request_: tuple[str, ...], private: Registry, rebaser: Rebaser, tmp_path: Path
) -> None:
    _docker_config(tmp_path, private, f"{_login(private)[0]}:{WRONG}")
    _assert_denied(rebaser.rebase(*request_, DOCKER_CONFIG=str(tmp_path)))


def test_no_login_at_all(request_: tuple[str, ...], rebaser: Rebaser) -> None:
    _assert_denied(rebaser.rebase(*request_))


def _login(private: Registry) -> tuple[str, str]:
    assert private.login is not None
    return private.login


def _docker_config(directory: Path, private: Registry, login: str) -> None:
    config: Mapping[str, object] = {"auths": {private.address: {"auth": base64.b64encode(login.encode()).decode()}}}
    (directory / "config.json").write_text(json.dumps(config))


def _assert_rebased(told: Told, private: Registry) -> None:
    assert (told.code, told.report["result"]) == (0, "rebased"), told.everything
    repository = told.report["tags"][0].removeprefix(f"{private.address}/").removesuffix(":latest")
    assert private.digest(repository) == told.report["digest"]
    assert "BASE=new" in private.config(repository)["config"]["Env"]
    _assert_discreet(told, *_login(private))


def _assert_denied(told: Told) -> None:
    assert (told.code, told.report["result"], told.report["error"]["code"]) == (3, "failed", "authentication-failed")
    assert "Traceback" not in told.everything
    _assert_discreet(told, "owner", WRONG)


def _assert_discreet(told: Told, user: str, password: str) -> None:
    """The password is in nothing that was printed or written, as it is or as it goes over the wire."""
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    assert password not in told.everything
    assert encoded not in told.everything
