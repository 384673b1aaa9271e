"""What is wanted: which image, onto which base, where to, and what is accepted on the way.

References are parsed, nothing is looked up yet. Importing this costs little: the command line is read with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from rebaser.errors import InputProblem
from rebaser.oci.platform import Platform
from rebaser.oci.reference import Reference, Scratch

ManifestFormat = Literal["oci", "docker", "keep"]
OnConflict = Literal["app", "base", "fail"]
Checks = Literal["all", "config"]
Provenance = Literal["none", "offer", "push"]
OnIncompatible = Literal["fail", "skip", "force"]


LOCAL_BUILDER = "https://rebaser.github.io/builders/local/v1"


class Severity(IntEnum):
    """How bad a finding is; `fail-on` names the lowest that stops a rebase."""

    NOTE = 1
    WARNING = 2
    BLOCKER = 3

    @property
    def word(self) -> str:
        """Return the name as inputs and reports write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Request:
    """One rebase. `tags` are where the result goes: none means by digest only, in the image's own repository.

    Without even `tags` it is the image's own tag, which shows when the image is read. `keep_original` is the pattern of
    a tag under which what a tag named before stays reachable. With `checks` only of the config no layer is read, and
    none is made; nor without `merge_layer`. `provenance` and, with `sbom`, the list of packages are what is said of the
    result: offered to what keeps referrers, or pushed whatever it takes.
    """

    image: Reference
    new_base: Reference | Scratch | None = None
    old_base: Reference | Scratch | None = None
    tags: tuple[Reference, ...] | None = ()
    platforms: tuple[Platform, ...] = ()
    on_conflict: OnConflict = "app"
    manifest_format: ManifestFormat = "oci"
    dry_run: bool = False
    created: int | None = None
    keep_original: str = ""
    checks: Checks = "all"
    merge_layer: bool = True
    provenance: Provenance = "offer"
    sbom: bool = False


def nameless(image: Reference) -> InputProblem:
    """Return what is wrong with a result that no name is given to, in a place where images are kept by name."""
    return InputProblem(
        "tags",
        f"{image.repository} keeps images by name, and none is given to the result",
        "Name in `tags` where the result goes, as in docker-archive:FILE:NAME:TAG or docker-daemon:NAME:TAG.",
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user accepts. `tolerate` maps check ids to the reasons given for them."""

    on_incompatible: OnIncompatible = "fail"
    fail_on: Severity = Severity.BLOCKER
    conflicts_block: bool = False
    tolerate: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes the result, as URIs: the builder, and its run where there is a service that has one."""

    builder: str = LOCAL_BUILDER
    invocation: str = ""


LOCAL_MAKER = Maker()
"""A process of someone's own."""
