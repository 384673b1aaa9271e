import base64
import json
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from rebaser.errors import InputError
from rebaser.transports.registry import credential_helper
from rebaser.transports.registry.credentials import Credentials, Given, credentials_from, read_text
from rebaser.transports.registry.docker_config import helper_runner
from rebaser.transports.registry.login import Login, login_from_auth
from tests.transports.registry.places import IDENTITY, PASSWORD

HOME = {"HOME": "/home/me"}
CONFIG = "/home/me/.docker/config.json"


def encoded(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def found(
    registry: str,
    given: Given | None = None,
    environment: Mapping[str, str] | None = None,
    config: object = None,
    helpers: Mapping[tuple[str, str], object] | None = None,
) -> Login | None:
    files = {CONFIG: json.dumps(config)} if config is not None else {}

    def run(name: str, host: str) -> bytes | None:
        answer = (helpers or {}).get((name, host))
        return None if answer is None else json.dumps(answer).encode()

    return credentials_from(given or Given(), environment or HOME, files.get, run).login(registry)


def test_without_anything_we_are_nobody() -> None:
    assert found("ghcr.io") is None
    assert Credentials().login("ghcr.io") is None


def test_username_and_password_are_for_their_registry_only() -> None:
    given = Given("ghcr.io", "me", PASSWORD)
    assert found("ghcr.io", given) == Login("me", PASSWORD)
    assert found("quay.io", given) is None


def test_a_password_alone_is_a_token_for_ghcr() -> None:
    assert found("ghcr.io", Given("ghcr.io", "", PASSWORD)) == Login("x-access-token", PASSWORD)


@pytest.mark.parametrize(
    ("given", "name"), [(Given("quay.io", "", PASSWORD), "username"), (Given("quay.io", "me", ""), "password")]
)
def test_half_a_login_is_a_wrong_input(given: Given, name: str) -> None:
    with pytest.raises(InputError) as wrong:
        found("quay.io", given)
    assert [problem.name for problem in wrong.value.problems] == [name]


def test_registry_auth_as_lines() -> None:
    text = f"\n# ours\nregistry.test:5000 me {PASSWORD}\n  quay.io  robot$a+b  two words \n"
    given = Given(registry_auth=text)
    assert found("registry.test:5000", given) == Login("me", PASSWORD)
    assert found("quay.io", given) == Login("robot$a+b", "two words")
    assert found("ghcr.io", given) is None


def test_registry_auth_as_json_like_docker_s_config() -> None:
    auths = {"quay.io": {"auth": encoded("me", PASSWORD)}, "ghcr.io": {"username": "you", "password": "p:q"}}
    for text in (json.dumps({"auths": auths}), json.dumps(auths)):
        given = Given(registry_auth=text)
        assert found("quay.io", given) == Login("me", PASSWORD)
        assert found("ghcr.io", given) == Login("you", "p:q")


@pytest.mark.parametrize("text", [f"quay.io {PASSWORD}", "{" + PASSWORD, '{"auths": {}}', '{"auths": []}', '{"a": 1}'])
def test_a_registry_auth_that_cannot_be_read_is_told_without_saying_what_is_in_it(text: str) -> None:
    with pytest.raises(InputError) as wrong:
        found("quay.io", Given(registry_auth=text))
    assert [problem.name for problem in wrong.value.problems] == ["registry-auth"]
    assert PASSWORD not in f"{wrong.value!r} {wrong.value} {wrong.value.remedy}"
    assert wrong.value.__cause__ is None


def test_hosts_that_inputs_name_are_vouched_for_and_others_are_not() -> None:
    given = Given("ghcr.io", "me", PASSWORD, f"login.test me {PASSWORD}")
    assert credentials_from(given, {"GITHUB_TOKEN": "t"}).vouched == {"ghcr.io", "login.test"}


@pytest.mark.parametrize("key", ["quay.io", "https://quay.io", "https://quay.io/v2/", "http://quay.io/v1/", "QUAY.IO"])
def test_docker_s_config_names_hosts_in_several_ways(key: str) -> None:
    assert found("quay.io", config={"auths": {key: {"auth": encoded("me", PASSWORD)}}}) == Login("me", PASSWORD)


@pytest.mark.parametrize("key", ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"])
def test_docker_hub_has_many_names(key: str) -> None:
    assert found("docker.io", config={"auths": {key: {"auth": encoded("me", PASSWORD)}}}) == Login("me", PASSWORD)


def test_a_bare_host_goes_before_a_host_with_a_path() -> None:
    auths = {"quay.io/other": {"auth": encoded("other", "x")}, "quay.io": {"auth": encoded("me", PASSWORD)}}
    assert found("quay.io", config={"auths": auths}) == Login("me", PASSWORD)


def test_an_identity_token_in_docker_s_config() -> None:
    entry = {"auth": encoded("00000000-0000-0000-0000-000000000000", ""), "identitytoken": IDENTITY}
    login = found("acme.azurecr.io", config={"auths": {"acme.azurecr.io": entry}})
    assert login == Login("00000000-0000-0000-0000-000000000000", identity_token=IDENTITY)


def test_docker_config_says_where_the_config_is() -> None:
    auths = {"auths": {"quay.io": {"auth": encoded("me", PASSWORD)}}}
    files = {"/elsewhere/config.json": json.dumps(auths)}
    environment = {**HOME, "DOCKER_CONFIG": "/elsewhere"}
    assert credentials_from(Given(), environment, files.get).login("quay.io") == Login("me", PASSWORD)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "[" * 100_000,
        '{"auths": 1}',
        '{"auths": {"quay.io": {}}}',
        '{"auths": {"quay.io": 1}}',
        '{"auths": {"quay.io": {"auth": "%%%"}}}',
        '{"auths": {"quay.io": {"auth": "AAAA"}}}',
        '{"credHelpers": 1}',
    ],
)
def test_a_docker_config_that_makes_no_sense_holds_no_logins(text: str) -> None:
    assert credentials_from(Given(), HOME, {CONFIG: text}.get).login("quay.io") is None


def test_a_credential_helper_for_the_host_goes_before_the_store_and_the_file() -> None:
    config = {
        "credHelpers": {"quay.io": "one"},
        "credsStore": "all",
        "auths": {"quay.io": {"auth": encoded("file", "x")}},
    }
    helpers = {
        ("one", "quay.io"): {"Username": "one", "Secret": PASSWORD},
        ("all", "quay.io"): {"Username": "all", "Secret": "x"},
        ("all", "ghcr.io"): {"Username": "all", "Secret": "y"},
    }
    assert found("quay.io", config=config, helpers=helpers) == Login("one", PASSWORD)
    assert found("ghcr.io", config=config, helpers=helpers) == Login("all", "y")
    assert found("quay.io", config=config, helpers={}) == Login("file", "x")


def test_a_credential_helper_is_asked_for_docker_hub_by_its_old_name() -> None:
    helpers = {("desktop", "https://index.docker.io/v1/"): {"Username": "me", "Secret": PASSWORD}}
    assert found("docker.io", config={"credsStore": "desktop"}, helpers=helpers) == Login("me", PASSWORD)


def test_a_credential_helper_may_give_an_identity_token() -> None:
    helpers = {("acr", "acme.azurecr.io"): {"Username": "<token>", "Secret": IDENTITY}}
    login = found("acme.azurecr.io", config={"credHelpers": {"acme.azurecr.io": "acr"}}, helpers=helpers)
    assert login == Login("", identity_token=IDENTITY)


@pytest.mark.parametrize("name", ["../../evil", "a b", "a/b", "", "a;b", "a\0b", "-x\n", 7])
def test_a_credential_helper_with_another_kind_of_name_is_never_run(name: object) -> None:
    asked: list[str] = []
    config = {"credHelpers": {"quay.io": name}}

    def run(helper: str, _host: str) -> None:
        asked.append(helper)

    assert credentials_from(Given(), HOME, {CONFIG: json.dumps(config)}.get, run).login("quay.io") is None
    assert asked == []


@pytest.mark.parametrize("answer", [None, {}, [], {"Username": "me"}, {"Username": 1, "Secret": "x"}, "text"])
def test_a_credential_helper_that_answers_nonsense_has_no_login(answer: object) -> None:
    helpers = {("one", "quay.io"): answer}
    assert found("quay.io", config={"credHelpers": {"quay.io": "one"}}, helpers=helpers) is None


def test_the_token_of_a_github_job_is_for_ghcr_only() -> None:
    environment = {"GITHUB_TOKEN": PASSWORD, "GITHUB_ACTOR": "octocat"}
    assert found("ghcr.io", environment=environment) == Login("octocat", PASSWORD)
    assert found("docker.io", environment=environment) is None
    assert found("ghcr.io", environment={"GITHUB_TOKEN": PASSWORD}) == Login("x-access-token", PASSWORD)
    assert found("ghcr.io", Given(github_token="given"), environment) == Login("octocat", "given")


def test_the_registry_of_a_gitlab_job() -> None:
    environment = {
        "CI_REGISTRY": "registry.gitlab.test:5050",
        "CI_REGISTRY_USER": "gitlab-ci-token",
        "CI_REGISTRY_PASSWORD": PASSWORD,
    }
    assert found("registry.gitlab.test:5050", environment=environment) == Login("gitlab-ci-token", PASSWORD)
    assert found("registry.gitlab.test", environment=environment) is None
    assert found("registry.gitlab.test:5050", environment={"CI_REGISTRY": "registry.gitlab.test:5050"}) is None


def test_what_is_said_first_wins() -> None:
    config = {"auths": {"ghcr.io": {"auth": encoded("docker", "x")}}}
    environment = {**HOME, "GITHUB_TOKEN": "job"}
    several = Given(registry_auth="ghcr.io several x")
    explicit = Given("ghcr.io", "explicit", "x", "ghcr.io several x")

    def user(given: Given, config: object) -> str:
        login = found("ghcr.io", given, environment, config)
        return login.username if login else ""

    assert user(explicit, config) == "explicit"
    assert user(several, config) == "several"
    assert user(Given(), config) == "docker"
    assert user(Given(), None) == "x-access-token"


def test_nothing_is_read_before_a_registry_asks() -> None:
    asked: list[str] = []
    credentials_from(Given(), HOME, asked.append)
    assert asked == []


def test_secrets_are_in_no_text_that_is_made_of_them() -> None:
    login = Login("me", PASSWORD, IDENTITY)
    given = Given("ghcr.io", "me", PASSWORD, f"quay.io me {PASSWORD}", PASSWORD)
    credentials = credentials_from(given, {"GITHUB_TOKEN": PASSWORD})
    shown = f"{login!r} {login} {given!r} {credentials!r} {credentials}"
    assert "canary" not in shown


def test_the_auth_of_docker_s_config_may_lack_padding() -> None:
    assert login_from_auth(encoded("a", "bc").rstrip("=")) == Login("a", "bc")
    assert login_from_auth(encoded("a", "b:c")) == Login("a", "b:c")


# real files and programs


def a_helper(directory: Path, body: str) -> Mapping[str, str]:
    program = directory / "docker-credential-fake"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{directory}:/usr/bin:/bin", "INPUT_PASSWORD": PASSWORD, "KEPT": "kept"}


def test_a_real_credential_helper_gets_the_host_on_its_input(tmp_path: Path) -> None:
    environment = a_helper(tmp_path, 'read -r host; echo "$1 $host $KEPT $INPUT_PASSWORD."')
    assert helper_runner(environment)("fake", "quay.io") == b"get quay.io kept .\n"


@pytest.mark.parametrize("body", ["echo credentials not found in native keychain; exit 1", "exec <&-; exit 3"])
def test_a_real_credential_helper_that_has_nothing(tmp_path: Path, body: str) -> None:
    assert helper_runner(a_helper(tmp_path, body))("fake", "quay.io") is None


def test_a_credential_helper_that_is_not_installed_has_nothing(tmp_path: Path) -> None:
    assert helper_runner({"PATH": str(tmp_path)})("fake", "quay.io") is None


def test_a_credential_helper_that_never_stops_talking_is_stopped(tmp_path: Path) -> None:
    assert helper_runner(a_helper(tmp_path, "exec yes"))("fake", "quay.io") is None


def test_a_credential_helper_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credential_helper, "SECONDS", 0.05)
    assert helper_runner(a_helper(tmp_path, "exec sleep 60"))("fake", "quay.io") is None


def test_a_file_that_is_not_there_or_no_text_is_none(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "text").write_text("{}")
    assert read_text(str(tmp_path / "absent")) is None
    assert read_text(str(tmp_path / "binary")) is None
    assert read_text(str(tmp_path / "text")) == "{}"
