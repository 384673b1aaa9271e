"""Services that start with the container, told by where a link or a file lies: systemd, s6-overlay 2 and 3."""

import re
from dataclasses import dataclass
from typing import Literal

Manager = Literal["systemd", "s6-overlay-2", "s6-overlay-3"]

_UNIT = re.compile(r"(?:etc|usr/lib|lib)/systemd/(?:system|user)/([^/]+)\.(?:wants|requires)/([^/]+)")
_S6_3 = re.compile(r"(?:etc|package/admin)/s6-overlay[^/]*/(?:.+/)?s6-rc\.d/([^/]+)/contents\.d/([^/]+)")
_S6_2 = re.compile(r"etc/(services\.d|cont-init\.d|fix-attrs\.d|cont-finish\.d)/([^/]+)(?:/run)?")


@dataclass(frozen=True, slots=True)
class EnabledService:
    """A service that is enabled: who starts it, as part of what (`multi-user.target`), and its name."""

    manager: Manager
    part_of: str
    name: str


def enabled_service_of(path: str) -> EnabledService | None:
    """Return the service that a link or a file at `path` (no leading slash) enables, None when it enables none."""
    if "systemd/" in path:
        unit = _UNIT.fullmatch(path)
        return EnabledService("systemd", unit[1], unit[2]) if unit else None
    third = _S6_3.fullmatch(path) if "s6-rc.d/" in path else None
    if third:
        return EnabledService("s6-overlay-3", third[1], third[2])
    second = _S6_2.fullmatch(path) if path.startswith("etc/") else None
    return EnabledService("s6-overlay-2", second[1], second[2]) if second else None
