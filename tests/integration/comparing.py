"""Whether two config documents say the same: of one that was rebased, and of one that was really built."""

import json
from collections.abc import Mapping
from typing import Any

DESCRIBES_A_BUILD = {"created", "history", "rootfs", "container", "container_config", "docker_version"}
DESCRIBES_A_BUILD_BELOW_CONFIG = {"Image"}
CACHE_OF_A_BUILD = "moby.buildkit."

Differences = dict[str, tuple[object, object]]


def differences(rebased: Mapping[str, Any], rebuilt: Mapping[str, Any]) -> Differences:
    """All that the two say differently, what tells of a build aside. Null, [] and absent are the same."""
    left, right = _members(rebased), _members(rebuilt)
    pairs = {name: (left.get(name), right.get(name)) for name in sorted({*left, *right})}
    return {name: pair for name, pair in pairs.items() if not same(*pair)}


def same(left: object, right: object) -> bool:
    """Whether two JSON values are the same to the type: 1 is neither true nor 1.0."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def _members(document: Mapping[str, Any]) -> dict[str, Any]:
    top = {name: value for name, value in document.items() if name != "config" and not _describes_a_build(name)}
    settings = document.get("config") or {}
    below = {f"config.{name}": settings[name] for name in settings if name not in DESCRIBES_A_BUILD_BELOW_CONFIG}
    return {name: value for name, value in {**top, **below}.items() if value is not None and value != []}


def _describes_a_build(name: str) -> bool:
    return name in DESCRIBES_A_BUILD or name.startswith(CACHE_OF_A_BUILD)
