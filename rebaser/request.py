"""What is wanted: which image, onto which base, where to. References are parsed, nothing is looked up yet."""

from dataclasses import dataclass
from typing import Literal

from rebaser.oci.platform import Platform
from rebaser.oci.reference import Reference, Scratch

ManifestFormat = Literal["oci", "docker", "keep"]


@dataclass(frozen=True, slots=True)
class Request:
    """One rebase. `tags` are where the result goes: none means by digest only, in the image's own repository.

    Without even `tags` it is the image's own tag, which shows when the image is read.
    """

    image: Reference
    new_base: Reference | Scratch | None = None
    old_base: Reference | Scratch | None = None
    tags: tuple[Reference, ...] | None = ()
    platforms: tuple[Platform, ...] = ()
    on_conflict: Literal["app", "base", "fail"] = "app"
    manifest_format: ManifestFormat = "oci"
    dry_run: bool = False
    created: int | None = None
