"""Logins that docker keeps: its config.json, and the credential helpers that it names.

A config that cannot be read or understood holds no logins; it is somebody else's file.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping

from rebaser.transports.registry.login import Login, login_from_auth, login_of, parts_of_auth

logger = logging.getLogger(__name__)

Auths = Mapping[str, Login]
RunHelper = Callable[[str, str], bytes | None]
"""Asks the credential helper of a name for a host's login; None when it has none or cannot be run."""

HUB = "docker.io"
HUB_KEY = "https://index.docker.io/v1/"
"""What docker calls docker.io in its config and to credential helpers."""

_HUB_NAMES = {HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}
_HELPER_NAME = re.compile(r"[A-Za-z0-9._-]+")
_OUR_INPUTS = ("INPUT_", "REBASE_")  # may hold secrets that are no business of a credential helper


def host_of(key: str) -> str:
    """Return the registry that a key of docker's config means: `https://ghcr.io/v2/` is ghcr.io."""
    host = re.sub(r"^https?://", "", key.strip()).split("/", 1)[0].lower()
    return HUB if host in _HUB_NAMES else host


def auths_of(config: object) -> Auths:
    """Return the logins that stand in the `auths` of a docker config, by registry; a bare host's goes first."""
    auths = config.get("auths") if isinstance(config, dict) else None
    if not isinstance(auths, dict):
        return {}
    found: dict[str, Login] = {}
    for key, entry in sorted(auths.items(), key=lambda item: "/" in item[0].removeprefix("https://")):
        login = _login(entry)
        if login is not None:
            found.setdefault(host_of(key), login)
    return found


def docker_login(text: str | None, registry: str, run_helper: RunHelper) -> Login | None:
    """Return the login that the docker config `text` leads to: from a helper for the host, the store, or itself."""
    config = _parsed(text)
    helper = _helper(config, registry)
    asked = HUB_KEY if registry == HUB else registry
    return (_from_helper(helper, asked, run_helper) if helper else None) or auths_of(config).get(registry)


def helper_runner(environment: Mapping[str, str]) -> RunHelper:
    """Return what runs `docker-credential-NAME get`, in the environment but without our own inputs."""
    kept = {name: value for name, value in environment.items() if not name.startswith(_OUR_INPUTS)}

    def run(name: str, host: str) -> bytes | None:
        from rebaser.transports.registry.credential_helper import ask

        return ask(name, host, kept)

    return run


def _parsed(text: str | None) -> dict[str, object]:
    try:
        config = json.loads(text or "{}")
    except (ValueError, RecursionError):
        logger.warning("docker's config.json is not JSON; no credentials are taken from it")
        return {}
    return config if isinstance(config, dict) else {}


def _helper(config: Mapping[str, object], registry: str) -> str | None:
    by_host = config.get("credHelpers")
    named = {host_of(key): name for key, name in by_host.items()} if isinstance(by_host, dict) else {}
    name = named.get(registry) or config.get("credsStore")
    return name if isinstance(name, str) and _HELPER_NAME.fullmatch(name) else None


def _from_helper(name: str, host: str, run_helper: RunHelper) -> Login | None:
    output = run_helper(name, host)
    try:
        answer = json.loads(output or b"{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    username, secret = answer.get("Username"), answer.get("Secret")
    return login_of(username, secret) if isinstance(username, str) and isinstance(secret, str) else None


def _login(entry: object) -> Login | None:
    if not isinstance(entry, dict):
        return None
    texts = {key: value for key, value in entry.items() if isinstance(value, str) and value}
    if "identitytoken" in texts:
        return Login(parts_of_auth(texts.get("auth", ""))[0], identity_token=texts["identitytoken"])
    if "password" in texts:
        return login_of(texts.get("username", ""), texts["password"])
    return login_from_auth(texts["auth"]) if "auth" in texts else None
