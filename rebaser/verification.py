"""Answers how a rebased image differs from one that was built from source on the same base: `verify: rebuild`."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rebaser.comparison import PlatformDifference, compare
from rebaser.errors import InternalError
from rebaser.layers.entry import Entry
from rebaser.oci.platform import Platform, same_platform
from rebaser.oci.reference import Reference
from rebaser.oci.strict_json import Json
from rebaser.plan.deviation import (
    Deviation,
    PlatformVerification,
    Verification,
    expected_of_file,
    expected_of_member,
)
from rebaser.plan.packages import PackageChange
from rebaser.request import Request
from rebaser.transports.base import Transports


def verified(
    rebased: Reference, rebuilt: Mapping[Platform, Reference], transports: Transports, cache: Path | None
) -> Verification:
    """Return how the images differ, by platform; `rebased` is named by its digest.

    `rebuilt` are the images that were built, each for one of the platforms.

    Raises:
        InputError: the rebased image is not for a platform that was built.
        ImageError, TransportError: an image could not be read.
    """
    if rebased.digest is None:
        raise InternalError(f"{rebased} is to be verified, and named without a digest")
    found = tuple(_platform(rebased, *built, transports, cache) for built in rebuilt.items())
    return Verification(rebased.digest, found)


def _platform(
    rebased: Reference, platform: Platform, rebuilt: Reference, transports: Transports, cache: Path | None
) -> PlatformVerification:
    found = compare(Request(rebased, platforms=(platform,)), rebuilt, transports, cache).platforms
    fitting = [one for one in found if same_platform(one.platform, platform)] or found
    return PlatformVerification(str(platform), tuple(_deviations(fitting[0])))


def _deviations(found: PlatformDifference) -> Iterator[Deviation]:
    for change in found.config:
        subject = f"{change.member} {change.key}".strip()
        yield Deviation("config", change.change, subject, change.before, change.after, expected_of_member(subject))
    packages = found.packages
    for kind, changes in (
        ("upgraded", packages.upgraded),
        ("downgraded", packages.downgraded),
        ("added", packages.added),
        ("removed", packages.removed),
    ):
        yield from (Deviation("package", kind, _name(one), one.before, one.after) for one in changes)
    for file in found.files:
        path = f"/{file.path}"
        expected = expected_of_file(path, file.change)
        yield Deviation("file", file.change, path, _told(file.before), _told(file.after), expected)


def _name(change: PackageChange) -> str:
    return ":".join(part for part in (change.ecosystem, change.name, change.architecture) if part)


def _told(entry: Entry | None) -> Json:
    """Return what stands at a path, in one line."""
    if entry is None:
        return None
    what = f" → {entry.link}" if entry.link else f" of {entry.size} bytes" if entry.size else ""
    return f"{entry.kind.value}{what}, mode {entry.mode:04o}, owner {entry.uid}:{entry.gid}"
