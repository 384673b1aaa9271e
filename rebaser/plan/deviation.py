"""What differs between a rebased and a rebuilt image, and which of it two builds of the same differ in anyway.

The list is short on purpose: an entry needs a reason that holds whatever the application does. What is expected is
marked, and never dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from rebaser.oci.digest import Digest
from rebaser.oci.strict_json import Json

Kind = Literal["config", "package", "file"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference. `subject` is a member of the config with its key, a package, or a path with a leading slash.

    `expected` says why two builds of the same differ in it as well; it is empty where they would not.
    """

    kind: Kind
    change: str
    subject: str
    before: Json
    after: Json
    expected: str = ""


@dataclass(frozen=True, slots=True)
class PlatformVerification:
    """All that differs on one platform."""

    platform: str
    deviations: Sequence[Deviation]

    def count(self, kind: Kind) -> int:
        """Return how many differences of a kind there are."""
        return sum(one.kind == kind for one in self.deviations)

    @property
    def unexpected(self) -> int:
        """Return how many differences two builds of the same would not have."""
        return sum(not one.expected for one in self.deviations)


@dataclass(frozen=True, slots=True)
class Verification:
    """The digest of the rebased image, and how what was built instead differs on each platform."""

    rebased: Digest
    platforms: Sequence[PlatformVerification]


_LOG = "a log tells when its lines were written"
_BYTECODE = "compiled Python holds the time of its source"
_MEMBERS = {
    "created": "it is the time of the build",
    "Labels org.opencontainers.image.created": "it is the time of the build",
    "docker_version": "it is the builder's version",
    "Image": "the classic builder names the image that its last step stands on",
    "container": "the classic builder names its container",
    "container_config": "the classic builder's container had it",
    "moby.buildkit.cache.v0": "it is the builder's cache",
    "moby.buildkit.buildinfo.v1": "it tells of the build",
}
_FILES = (
    ("/var/log/*", _LOG),
    ("*/__pycache__/*.pyc", _BYTECODE),
    ("/var/cache/ldconfig/aux-cache", "it holds times and inodes"),
    ("/var/cache/fontconfig/*", "it holds times of directories"),
    ("/var/cache/apt/*.bin", "it holds times"),
    ("/var/lib/apt/lists/*", "it is what the package archive said at the time of the build"),
)
"""Shell patterns, in which a star stands for slashes as well. Only another content is expected: both have the file."""


def expected_of_member(subject: str) -> str:
    """Return why two builds of the same differ in a member of the config; nothing where they would not."""
    return _MEMBERS.get(subject, "")


def expected_of_file(path: str, change: str) -> str:
    """Return why two builds of the same differ in what a path holds; nothing where they would not."""
    if change != "content":
        return ""
    return next((reason for pattern, reason in _FILES if fnmatchcase(path, pattern)), "")
