"""What a builder gets to see of the machine: few variables, and a docker configuration without our credentials.

A builder is given logins only for the registries that the Dockerfile names, to pull from. A login that can pull can
often push as well; docker's builders keep it in the client, out of reach of the instructions, while an instruction that
breaks out of buildah's chroot can read it. So nothing else is there to be read.
"""

import base64
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from rebaser.transports.registry.docker_config import HUB, HUB_KEY
from rebaser.transports.registry.login import Login

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
PASSED: Final = frozenset(
    (
        *("PATH", "TMPDIR", "XDG_RUNTIME_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *_PROXIES,
        *map(str.lower, _PROXIES),
        *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION"),
        *("BUILDX_BUILDER", "BUILDAH_ISOLATION", "STORAGE_DRIVER", "CONTAINERS_CONF"),
    )
)
"""The variables that say where programs, engines and networks are; none is meant to hold what lets somebody push."""

_KEPT_SETTINGS = ("currentContext", "proxies", "cliPluginsExtraDirs")
_LINKED = ("contexts", "cli-plugins", "buildx")
_MAX_CONFIG = 1024 * 1024  # bytes


def builder_environment(
    environment: Mapping[str, str], room: Path, logins: Mapping[str, Login], insecure: Collection[str]
) -> dict[str, str]:
    """Return a builder's environment, with a home and a configuration of its own in `room`.

    `logins` are by registry; `insecure` are the registries that buildah may speak to in clear, as docker's engine has a
    setting of its own for that.
    """
    config, home = room / "docker", room / "home"
    for directory in (config, home):
        directory.mkdir(mode=0o700)
    _write_docker_config(config, _docker_directory(environment), logins)
    registries = room / "registries.conf"
    registries.write_text(_registries(insecure), "utf-8")
    passed = {name: value for name, value in environment.items() if name in PASSED}
    return passed | {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "DOCKER_CONFIG": str(config),
        "DOCKER_CLI_HINTS": "false",
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
        "REGISTRY_AUTH_FILE": str(config / "config.json"),
        "CONTAINERS_REGISTRIES_CONF": str(registries),
    }


def _docker_directory(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("DOCKER_CONFIG") or Path(environment.get("HOME") or "/") / ".docker")


def _write_docker_config(config: Path, users: Path, logins: Mapping[str, Login]) -> None:
    """Write a configuration that finds the user's engine, plugins and instances of buildx, and none of the logins."""
    for name in _LINKED:
        if (users / name).is_dir():
            (config / name).symlink_to((users / name).resolve())
    kept = {name: value for name, value in _settings(users / "config.json").items() if name in _KEPT_SETTINGS}
    auths = {HUB_KEY if host == HUB else host: _auth(login) for host, login in sorted(logins.items())}
    file = config / "config.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(kept | {"auths": auths}), "utf-8")


def _settings(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as opened:
            found = json.loads(opened.read(_MAX_CONFIG))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _auth(login: Login) -> dict[str, str]:
    if login.identity_token:
        return {"auth": base64.b64encode(b"<token>:").decode(), "identitytoken": login.identity_token}
    return {"auth": login.basic}


def _registries(insecure: Collection[str]) -> str:
    """Return a registries.conf: short names are docker.io's, as everywhere with us."""
    plain = (f"[[registry]]\nlocation = {json.dumps(host)}\ninsecure = true\n" for host in insecure)
    return "".join(('unqualified-search-registries = ["docker.io"]\n', *plain))
