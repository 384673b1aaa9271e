"""Who we are at each registry, from the inputs and from what the environment offers.

The first of these that knows the registry wins: `username` and `password`, `registry-auth`, docker's config with its
credential helpers, `GITHUB_TOKEN` for ghcr.io, `CI_REGISTRY_*`. Docker's config is not read, and no helper run, before
a registry asks who we are.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rebaser.errors import InputError, InputProblem
from rebaser.transports.registry.docker_config import RunHelper, auths_of, docker_login, helper_runner, host_of
from rebaser.transports.registry.login import Login

Source = Callable[[str], Login | None]
"""Answers who we are at a registry, as far as one place knows."""

Learn = Callable[[tuple[str, ...]], None]
"""Takes secrets, from any thread."""

ReadFile = Callable[[str], str | None]
"""Returns a file's text, None when it cannot be read."""

MAX_CONFIG_FILE = 1024 * 1024  # bytes
_GITHUB_REGISTRY = "ghcr.io"
_ANY_GITHUB_USER = "x-access-token"
_LINE_PARTS = 3  # host, user name, password
_REMEDY = (
    'Write registry-auth as lines `host username password`, or as JSON like docker\'s config: {"auths": {"host": {…}}}.'
)


def _forget(_secrets: tuple[str, ...]) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are anywhere. `vouched` are hosts that an input names, and that may therefore see a login meant for them.

    Without sources: nobody, everywhere. `learn` is told each secret that comes to be known on the way.
    """

    sources: tuple[Source, ...] = field(default=(), repr=False)
    vouched: frozenset[str] = frozenset()
    learn: Learn = field(default=_forget, repr=False)

    def login(self, registry: str) -> Login | None:
        """Return who we are at `registry` (`host[:port]`, `docker.io`), None when we are nobody there."""
        return next((login for source in self.sources if (login := source(registry)) is not None), None)


@dataclass(frozen=True, slots=True)
class Given:
    """The inputs about credentials. `registry` is the one that `username` and `password` are for."""

    registry: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    registry_auth: str = field(default="", repr=False)
    github_token: str = field(default="", repr=False)


def credentials_from(
    given: Given,
    environment: Mapping[str, str],
    read_file: ReadFile | None = None,
    run_helper: RunHelper | None = None,
    learn: Learn = _forget,
) -> Credentials:
    """Return the credentials that inputs and environment give.

    Raises:
        InputError: `username` without `password` or the other way round, or a `registry-auth` that cannot be read.
    """
    explicit, several = _explicit(given), _registry_auth(given.registry_auth)
    read, run = read_file or read_text, run_helper or helper_runner(environment)
    path = _config_path(environment)

    def docker(registry: str) -> Login | None:
        return docker_login(read(path), registry, run) if path else None

    sources = (explicit.get, several.get, docker, _github(given, environment).get, _gitlab(environment).get)
    return Credentials(sources, frozenset((*explicit, *several)), learn)


def read_text(path: str) -> str | None:
    """Return the text of a file of at most a megabyte, None when it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_CONFIG_FILE).decode()
    except (OSError, UnicodeDecodeError):
        return None


def _explicit(given: Given) -> Mapping[str, Login]:
    username = given.username or (_ANY_GITHUB_USER if given.registry == _GITHUB_REGISTRY else "")
    if not given.password:
        if given.username:
            raise _problem("password", "is empty, and username is not", "Set password as well, from a secret.")
        return {}
    if not username:
        raise _problem("username", "is empty, and password is not", "Set username as well.")
    return {host_of(given.registry): Login(username, given.password)}


def _registry_auth(text: str) -> Mapping[str, Login]:
    if not text.strip():
        return {}
    return _from_json(text) if text.lstrip().startswith("{") else dict(map(_from_line, _lines(text)))


def _from_json(text: str) -> Mapping[str, Login]:
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        raise _problem("registry-auth", "is not JSON, though it begins like it", _REMEDY) from None
    found = auths_of(config if "auths" in config else {"auths": config})
    if not found:
        raise _problem("registry-auth", "holds no login", _REMEDY)
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    numbered = enumerate(text.splitlines(), start=1)
    return [(number, line.strip()) for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]


def _from_line(numbered: tuple[int, str]) -> tuple[str, Login]:
    number, line = numbered
    parts = line.split(maxsplit=_LINE_PARTS - 1)
    if len(parts) != _LINE_PARTS:
        raise _problem("registry-auth", f"line {number} has {len(parts)} words instead of {_LINE_PARTS}", _REMEDY)
    return host_of(parts[0]), Login(parts[1], parts[2])


def _config_path(environment: Mapping[str, str]) -> str:
    if directory := environment.get("DOCKER_CONFIG"):
        return f"{directory}/config.json"
    home = environment.get("HOME") or environment.get("USERPROFILE")
    return f"{home}/.docker/config.json" if home else ""


def _github(given: Given, environment: Mapping[str, str]) -> Mapping[str, Login]:
    token = given.github_token or environment.get("GITHUB_TOKEN")
    user = environment.get("GITHUB_ACTOR") or _ANY_GITHUB_USER
    return {_GITHUB_REGISTRY: Login(user, token)} if token else {}


def _gitlab(environment: Mapping[str, str]) -> Mapping[str, Login]:
    names = ("CI_REGISTRY", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD")
    registry, user, password = (environment.get(name, "") for name in names)
    return {host_of(registry): Login(user, password)} if registry and user and password else {}


def _problem(name: str, message: str, remedy: str) -> InputError:
    return InputError(InputProblem(name, message, remedy))
