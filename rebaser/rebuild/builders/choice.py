"""Which builder is at hand here, and what it can do."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from rebaser.errors import RebuildError
from rebaser.rebuild.builders.base import Builder
from rebaser.rebuild.builders.buildah import Buildah
from rebaser.rebuild.builders.buildkit import BuildKit
from rebaser.rebuild.builders.classic import Classic
from rebaser.rebuild.process import Argv, Ran

Ask = Callable[[Argv], Ran | None]
"""Runs a short command; None when the program is not there."""

_NAMED_CONTEXTS: Final = (0, 10)  # the version of BuildKit since which its own frontend has them
_LAYOUT_DIRECTORIES: Final = (0, 11)  # since which it has `tar=false`
_UNKNOWN: Final = (0, 0)
_INSIDE: Final = ((24, (0, 11)), (23, (0, 10)))  # versions of the engine, newest first, and of the BuildKit in it
_ENGINE_VERSION: Final = ("docker", "version", "--format={{.Server.Version}}")
_CONTAINERD_STORE = "io.containerd.snapshotter"


def choose(wanted: str, ask: Ask, environment: Mapping[str, str]) -> Builder:
    """Return the builder that `wanted` names, or the first at hand: BuildKit, the classic one, buildah.

    Raises:
        RebuildError: it is not here, or none is.
    """
    refused: list[str] = []
    for find in _finders(wanted, environment):
        found = find(ask)
        if not isinstance(found, str):
            return found
        refused.append(found)
    raise RebuildError(
        "builder-missing",
        f"There is no builder: {'; '.join(dict.fromkeys(refused))}",
        "Give the job docker's socket or an engine (DOCKER_HOST), install buildah, or name what is there in `builder`.",
    )


def _finders(wanted: str, environment: Mapping[str, str]) -> list[Callable[[Ask], Builder | str]]:
    def buildah(ask: Ask) -> Builder | str:
        return _buildah(ask, environment)

    known: dict[str, Callable[[Ask], Builder | str]] = {"buildkit": _buildkit, "classic": _classic, "buildah": buildah}
    if not wanted:
        return list(known.values())
    return [known.get(wanted, lambda ask: _instance(ask, wanted))]


def _engine(ask: Ask) -> str:
    """Return why no engine answers; nothing if one does."""
    ran = ask(_ENGINE_VERSION)
    return "" if ran and ran.code == 0 else f"no engine of docker's answers ({_last(ran)})"


def _classic(ask: Ask) -> Builder | str:
    return _engine(ask) or Classic()


def _buildkit(ask: Ask) -> Builder | str:
    return _instance(ask, "")


def _instance(ask: Ask, name: str) -> Builder | str:
    plugin = ask(("docker", "buildx", "version"))
    if plugin is None or plugin.code != 0:
        return f"docker's buildx is not here ({_last(plugin)})"
    ran = ask(("docker", "buildx", "inspect", "--bootstrap", *((name,) if name else ())))
    if ran is None or ran.code != 0:
        return f"buildx has no instance {name or 'to use'} ({_last(ran)})"
    inside = _field(ran.log, "Driver") == "docker"
    version = _version(ran.log) or (_version_inside(ask) if inside else None) or _UNKNOWN
    exports = version >= _LAYOUT_DIRECTORIES and (not inside or _keeps_layouts(ask))
    return BuildKit(name, version >= _NAMED_CONTEXTS, exports)


def _buildah(ask: Ask, environment: Mapping[str, str]) -> Builder | str:
    ran = ask(("buildah", "--version"))
    if ran is None or ran.code != 0:
        return f"buildah is not here ({_last(ran)})"
    return Buildah(environment.get("STORAGE_DRIVER") or "vfs", environment.get("BUILDAH_ISOLATION") or "chroot")


def _keeps_layouts(ask: Ask) -> bool:
    ran = ask(("docker", "info", "--format={{json .DriverStatus}}"))
    return ran is not None and any(_CONTAINERD_STORE in line for line in ran.log)


def _version(log: tuple[str, ...]) -> tuple[int, int] | None:
    """Return which BuildKit it is; None if it does not say, as those that distributions build into their engines."""
    text = _field(log, "BuildKit version") or _field(log, "Buildkit")
    found = re.match(r"v?([0-9]{1,4})\.([0-9]{1,4})", text)
    return (int(found[1]), int(found[2])) if found and found[0] not in ("v0.0", "0.0") else None


def _version_inside(ask: Ask) -> tuple[int, int] | None:
    """Return the oldest BuildKit that an engine of this version holds."""
    ran = ask(_ENGINE_VERSION)
    found = re.match(r"([0-9]{1,4})\.", _last(ran)) if ran and ran.code == 0 else None
    return next((held for engine, held in _INSIDE if found and int(found[1]) >= engine), None)


def _field(log: tuple[str, ...], name: str) -> str:
    return next((line.partition(":")[2].strip() for line in log if line.partition(":")[0].strip() == name), "")


def _last(ran: Ran | None) -> str:
    return "it is not installed" if ran is None else (ran.log or ("it says nothing",))[-1]
