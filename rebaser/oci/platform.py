"""Platforms: os, architecture and variant, and which of a base's platforms suits an application's.

image-spec image-index.md#platform-variants; Go's GOOS and GOARCH are the names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PART = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ARCHITECTURE_ALIASES = {"x86_64": "amd64", "x86-64": "amd64", "i386": "386", "aarch64": "arm64", "armhf": "arm"}
_DEFAULT_VARIANT = {"arm64": "v8", "arm": "v7", "amd64": "v1"}
_WINDOWS_BUILD_PARTS = 3  # of 10.0.17763.5458, those that decide whether a container runs on a host


@dataclass(frozen=True, slots=True)
class Platform:
    """An operating system, an architecture and a variant; `os_version` only picks among Windows bases."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        """Return `os/architecture[/variant]`."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


def parse_platform(text: str) -> Platform:
    """Return the platform that `os/arch[/variant]` names.

    Raises:
        ValueError: not of that form.
    """
    parts = text.strip().split("/")
    if len(parts) not in (2, 3) or not all(map(_PART.fullmatch, parts)):
        raise ValueError(f"{text[:100]!r} is not os/arch or os/arch/variant")
    return normal(Platform(*parts))


def normal(platform: Platform) -> Platform:
    """Return `platform` under its usual names: `amd64` for `x86_64`, and no variant where it is the default one."""
    architecture = platform.architecture.lower()
    architecture = _ARCHITECTURE_ALIASES.get(architecture, architecture)
    variant = platform.variant.lower()
    if variant.isdigit():
        variant = f"v{variant}"
    if variant == _DEFAULT_VARIANT.get(architecture):
        variant = ""
    return Platform(platform.os.lower(), architecture, variant)


def same_platform(left: Platform, right: Platform) -> bool:
    """Answer whether two platforms are one: `linux/arm64` is `linux/arm64/v8`."""
    return normal(left) == normal(right)


def runs_on(base: Platform, application: Platform) -> bool:
    """Answer whether every machine that runs `application` runs `base` as well (`arm/v6` runs where `arm/v7` does)."""
    base, application = normal(base), normal(application)
    if (base.os, base.architecture) != (application.os, application.architecture):
        return False
    if base.variant == application.variant:
        return True
    needed, offered = _rank(base), _rank(application)
    return needed is not None and offered is not None and needed <= offered


def best_match(offered: Iterable[tuple[Platform, str]], wanted: Platform, os_version: str) -> int | None:
    """Return the index of the platform that suits `wanted` best, None when none does.

    `offered` are platforms with their `os.version`. The nearest variant wins; for Windows only the same build will do
    (`10.0.17763`), since a container runs on a host of its own build.
    """
    suitable = [
        (_rank(normal(platform)) or 0, _version_key(version), -position)
        for position, (platform, version) in enumerate(offered)
        if runs_on(platform, wanted) and _same_build(wanted, version, os_version)
    ]
    return -max(suitable)[2] if suitable else None


def _rank(platform: Platform) -> int | None:
    variant = platform.variant or _DEFAULT_VARIANT.get(platform.architecture, "")
    digits = re.fullmatch(r"v([0-9]{1,4})", variant)
    return int(digits[1]) if digits else None


def _same_build(wanted: Platform, offered: str, os_version: str) -> bool:
    if wanted.os.lower() != "windows" or not offered or not os_version:
        return True
    return offered.split(".")[:_WINDOWS_BUILD_PARTS] == os_version.split(".")[:_WINDOWS_BUILD_PARTS]


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if re.fullmatch(r"[0-9]{1,9}", part))
