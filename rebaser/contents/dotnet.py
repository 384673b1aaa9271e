"""Which shared frameworks of .NET an application asks for, and which of those installed its host would take.

By the rules of .NET Core 3.0 and later: docs/design/features/framework-version-resolution.md of dotnet/runtime. The
legacy settings (`rollForwardOnNoCandidateFx`, `applyPatches`) are obeyed, as hosts before .NET 12 do.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from rebaser.contents.malformed import MalformedError
from rebaser.oci.strict_json import Json, parse

_MAX_BODY = 1024 * 1024  # bytes
_MAX_FRAMEWORKS = 100
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SHARED = re.compile(r"(?:^|/)shared/([A-Za-z0-9_.-]{1,200})/([0-9][A-Za-z0-9_.+-]{0,100})(?=/)")
_NUMBER = r"(0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z.-]{{1,100}}))?(?:\+[0-9A-Za-z.-]{{1,100}})?")

_Key: TypeAlias = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
_RELEASE = ((2, 0, ""),)  # after every pre-release of the same number


class RollForward(Enum):
    """How far from the version asked for the host may go."""

    DISABLE = "disable"
    LATEST_PATCH = "latestpatch"
    MINOR = "minor"
    LATEST_MINOR = "latestminor"
    MAJOR = "major"
    LATEST_MAJOR = "latestmajor"


_LEGACY = {0: RollForward.LATEST_PATCH, 1: RollForward.MINOR, 2: RollForward.MAJOR}
_SAME_PARTS = {  # how many parts of the version must stay as they are
    RollForward.LATEST_PATCH: 2,
    RollForward.MINOR: 1,
    RollForward.LATEST_MINOR: 1,
    RollForward.MAJOR: 0,
    RollForward.LATEST_MAJOR: 0,
}
_TO_HIGHEST = (RollForward.LATEST_MINOR, RollForward.LATEST_MAJOR)


@dataclass(frozen=True, slots=True)
class SharedFramework:
    """An installed framework: the directory of its version, its name, and that version."""

    directory: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class FrameworkReference:
    """A framework that an application asks for; `roll_forward` is None where its configuration leaves that open."""

    name: str
    version: str
    roll_forward: RollForward | None = None
    apply_patches: bool = True


@dataclass(frozen=True, slots=True)
class RuntimeConfig:
    """What a `*.runtimeconfig.json` asks for: installed frameworks, or, if self-contained, those it brings along."""

    frameworks: tuple[FrameworkReference, ...]
    included: tuple[FrameworkReference, ...]


@dataclass(frozen=True, slots=True)
class _Settings:
    roll_forward: RollForward | None = None
    apply_patches: bool = True
    used: set[str] = field(default_factory=set)  # which kinds of settings a configuration has: it may have one


def shared_framework_of(path: str) -> SharedFramework | None:
    """Return the shared framework that `path` (no leading slash) lies in, None when it lies in none."""
    found = _SHARED.search(path) if "shared/" in path else None
    if found is None or not _VERSION.fullmatch(found[2]):
        return None
    return SharedFramework(path[: found.end()], found[1], found[2])


def read_runtimeconfig(body: bytes) -> RuntimeConfig:
    """Return what a `*.runtimeconfig.json` asks for.

    Raises:
        MalformedError: it is not such a file, or one that the host refuses.
    """
    try:
        said = parse(body.removeprefix(_BYTE_ORDER_MARK), _MAX_BODY)
    except ValueError as error:
        raise MalformedError(f"runtimeconfig.json: {error}") from error
    options = _object(_object(said, "it").get("runtimeOptions", {}), "runtimeOptions")
    overall = _settings(options, _Settings())
    single = [options["framework"]] if "framework" in options else []
    frameworks = _references([*single, *_array(options, "frameworks")], overall)
    included = _references(_array(options, "includedFrameworks"), _Settings())
    if frameworks and included:
        raise MalformedError("runtimeconfig.json both asks for frameworks and includes some")
    return RuntimeConfig(frameworks, included)


def resolve(wanted: FrameworkReference, provided: Iterable[str], environment: Mapping[str, str]) -> str | None:
    """Return the version that the host takes of those `provided`, None when the application does not start.

    `environment` is the application's: DOTNET_ROLL_FORWARD goes before its configuration,
    DOTNET_ROLL_FORWARD_ON_NO_CANDIDATE_FX after it, and DOTNET_ROLL_FORWARD_TO_PRERELEASE takes part as well.
    """
    policy = _policy(wanted, environment)
    asked = _key(wanted.version)
    if policy is None or asked is None:
        return None
    exact = policy is RollForward.LATEST_PATCH and not wanted.apply_patches and _is_release(asked)
    if policy is RollForward.DISABLE or exact:
        return wanted.version if wanted.version in provided else None
    keyed = [(key, version) for version in provided if (key := _key(version)) is not None]
    kept = _SAME_PARTS[policy]
    near = sorted((key, version) for key, version in keyed if key >= asked and key[:kept] == asked[:kept])
    releases = [each for each in near if _is_release(each[0])]
    prefers_release = _is_release(asked) and environment.get("DOTNET_ROLL_FORWARD_TO_PRERELEASE", "").strip() != "1"
    candidates = releases if releases and prefers_release else near
    return _pick(candidates, policy, wanted.apply_patches) if candidates else None


def _pick(candidates: list[tuple[_Key, str]], policy: RollForward, apply_patches: bool) -> str:  # noqa: FBT001
    """Return the nearest or the highest candidate, rolled on to its latest patch unless it is a pre-release."""
    key, version = candidates[-1 if policy in _TO_HIGHEST else 0]
    if not _is_release(key):
        return version
    same = 2 if apply_patches else 3
    return [later for other, later in candidates if other[:same] == key[:same]][-1]


def _policy(wanted: FrameworkReference, environment: Mapping[str, str]) -> RollForward | None:
    """Return the policy in force, None where the environment names one that does not exist."""
    forced = environment.get("DOTNET_ROLL_FORWARD")
    if forced:
        return _named(forced)
    if wanted.roll_forward is not None:
        return wanted.roll_forward
    legacy = environment.get("DOTNET_ROLL_FORWARD_ON_NO_CANDIDATE_FX", "").strip()
    return _LEGACY.get(int(legacy), RollForward.MINOR) if re.fullmatch(r"[0-9]", legacy) else RollForward.MINOR


def _named(text: str) -> RollForward | None:
    return next((policy for policy in RollForward if policy.value == text.lower()), None)


def _is_release(key: _Key) -> bool:
    return key[3] == _RELEASE


def _key(version: str) -> _Key | None:
    """Return what versions are ordered by (SemVer 2.0.0, 11): numbers before words, pre-releases before all."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    parts = (found[4] or "").split(".")
    before = tuple((0, int(part), "") if re.fullmatch("[0-9]+", part) else (1, 0, part) for part in parts)
    return int(found[1]), int(found[2]), int(found[3]), before if found[4] else _RELEASE


def _references(said: list[Json], overall: _Settings) -> tuple[FrameworkReference, ...]:
    if len(said) > _MAX_FRAMEWORKS:
        raise MalformedError(f"runtimeconfig.json lists {len(said)} frameworks")
    references = []
    for each in said:
        framework = _object(each, "a framework")
        settings = _settings(framework, overall)
        name, version = framework.get("name"), framework.get("version")
        if not isinstance(name, str) or not isinstance(version, str) or not name or _key(version) is None:
            raise MalformedError("runtimeconfig.json asks for a framework without a name or a version")
        references.append(FrameworkReference(name, version, settings.roll_forward, settings.apply_patches))
    if len({reference.name for reference in references}) < len(references):
        raise MalformedError("runtimeconfig.json asks for one framework twice")
    return tuple(references)


def _settings(said: dict[str, Json], outer: _Settings) -> _Settings:
    """Return the settings of a configuration or of one framework in it; what it leaves open is the `outer` one's."""
    roll_forward, apply_patches = outer.roll_forward, outer.apply_patches
    if "rollForward" in said:
        value = said["rollForward"]
        roll_forward = _named(value) if isinstance(value, str) else None
        outer.used.add("new")
    if "rollForwardOnNoCandidateFx" in said:
        number = said["rollForwardOnNoCandidateFx"]
        roll_forward = _LEGACY.get(number) if type(number) is int else None
        outer.used.add("legacy")
    if "applyPatches" in said:
        apply_patches = said["applyPatches"] is True
        outer.used.add("legacy")
    if roll_forward is None and ("rollForward" in said or "rollForwardOnNoCandidateFx" in said):
        raise MalformedError("runtimeconfig.json names a roll-forward policy that does not exist")
    if len(outer.used) > 1:
        raise MalformedError("runtimeconfig.json mixes rollForward with the settings that it replaced")
    return _Settings(roll_forward, apply_patches, outer.used)


def _array(said: dict[str, Json], key: str) -> list[Json]:
    value = said.get(key, [])
    if not isinstance(value, list):
        raise MalformedError(f"runtimeconfig.json: {key} is not an array")
    return value


def _object(value: Json, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise MalformedError(f"runtimeconfig.json: {what} is not an object")
    return value
