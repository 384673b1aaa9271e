"""Answers how two images differ: layers, config, packages, files."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rebaser import gather
from rebaser.documents import Documents
from rebaser.errors import ImageError, InputError, InputProblem
from rebaser.layer_cache import LayerCache
from rebaser.layer_reader import LayerReader
from rebaser.layers.filesystem import FileSystem, stack
from rebaser.layers.limits import UnreadableError
from rebaser.oci.image import Image
from rebaser.oci.platform import Platform, same_platform
from rebaser.oci.reference import Reference
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.difference import FileChange, compare_files
from rebaser.plan.package_changes import compare_packages
from rebaser.plan.packages import PackageChange, PackageChanges
from rebaser.printable import printable
from rebaser.report.config_changes import ConfigChange, config_changes
from rebaser.request import Request
from rebaser.system.packages import packages
from rebaser.transports.base import Transports

_SHOWN = 40  # lines of one kind; JSON has all


@dataclass(frozen=True, slots=True)
class PlatformDifference:
    """How the images of one platform differ. `common` is how many layers, from the bottom, they share."""

    platform: Platform
    layers: tuple[int, int]
    common: int
    config: tuple[ConfigChange, ...]
    packages: PackageChanges
    files: tuple[FileChange, ...]

    @property
    def is_none(self) -> bool:
        """Answer whether nothing differs that a container could tell."""
        changed = (self.packages.upgraded, self.packages.downgraded, self.packages.added, self.packages.removed)
        return not (self.config or self.files or any(changed))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two images, and how they differ on each platform that both have."""

    images: tuple[Reference, Reference]
    platforms: tuple[PlatformDifference, ...]

    def as_json(self) -> JsonObject:
        """Return all that differs as JSON."""
        before, after = self.images
        platforms: list[Json] = [_json(one) for one in self.platforms]
        return {"before": str(before), "after": str(after), "platforms": platforms}

    def as_text(self) -> str:
        """Return what differs as people read it."""
        before, after = self.images
        return "\n".join([f"{before} → {after}", *(line for one in self.platforms for line in _text(one))])


def compare(request: Request, other: Reference, transports: Transports, cache: Path | None) -> Comparison:
    """Return how the image of `request` and another differ.

    Raises:
        InputError: they have no platform in common.
        ImageError, TransportError: one of them could not be read.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        gatherer = gather.Gatherer(Documents(transports), pool)
        before, after = (gatherer.original(one, request.platforms) for one in (request.image, other))
    reader = LayerReader(transports, LayerCache(cache) if cache else None)
    try:
        pairs = list(_pairs(before, after))
        if not pairs:
            problem = f"{before.reference} and {after.reference} have no platform in common"
            raise InputError(InputProblem("platforms", problem, "Name two images for one platform."))
        found = tuple(_compare(reader, (before, left), (after, right)) for left, right in pairs)
    finally:
        reader.close()
    return Comparison((before.reference, after.reference), found)


def _pairs(before: gather.Original, after: gather.Original) -> Iterator[tuple[Image, Image]]:
    others = [child.image for _, child in after.children()]
    alone = len(others) == len(before.children()) == 1
    for _, child in before.children():
        fitting = [one for one in others if alone or same_platform(one.platform, child.image.platform)]
        if fitting:
            yield child.image, fitting[0]


def _compare(
    reader: LayerReader, before: tuple[gather.Original, Image], after: tuple[gather.Original, Image]
) -> PlatformDifference:
    (_, left), (_, right) = before, after
    was, now = (_files(reader, *one) for one in (before, after))
    common = 0
    for mine, theirs in zip(left.diff_ids, right.diff_ids, strict=False):
        if mine != theirs:
            break
        common += 1
    return PlatformDifference(
        left.platform,
        (len(left.layers), len(right.layers)),
        common,
        config_changes(left.config.document.json, right.config.document.json),
        compare_packages(packages(was), packages(now)),
        compare_files(was, now),
    )


def _files(reader: LayerReader, original: gather.Original, image: Image) -> FileSystem:
    try:
        return stack(reader.image(image, original.reference.repository))
    except UnreadableError as error:
        remedy = "Compare images whose layers can be looked into."
        raise ImageError("layer-unsupported", f"{original.reference}: {error}", remedy) from error


def _json(one: PlatformDifference) -> JsonObject:
    config: list[Json] = [
        {
            "change": change.change,
            "member": change.member,
            "key": change.key,
            "before": change.before,
            "after": change.after,
        }
        for change in one.config
    ]
    files: list[Json] = [{"path": printable(change.path), "change": change.change} for change in one.files]
    return {
        "platform": str(one.platform),
        "layers": {"before": one.layers[0], "after": one.layers[1], "common": one.common},
        "config": config,
        "packages": {kind: [_package(change) for change in changes] for kind, changes in _kinds(one.packages)},
        "files": files,
    }


def _package(change: PackageChange) -> JsonObject:
    return {
        "ecosystem": change.ecosystem,
        "name": printable(change.name),
        "architecture": printable(change.architecture),
        "before": change.before,
        "after": change.after,
    }


def _kinds(found: PackageChanges) -> tuple[tuple[str, tuple[PackageChange, ...]], ...]:
    return (
        ("upgraded", found.upgraded),
        ("downgraded", found.downgraded),
        ("added", found.added),
        ("removed", found.removed),
    )


def _text(one: PlatformDifference) -> Iterator[str]:
    yield f"  {printable(str(one.platform))}"
    yield f"    layers: {one.layers[0]} → {one.layers[1]}, {one.common} in common"
    if one.is_none:
        yield "    nothing differs but times and the way layers are cut"
        return
    config = [_told(change) for change in one.config]
    yield from _listed("config", config)
    for kind, changes in _kinds(one.packages):
        yield from _listed(f"packages {kind}", [f"{printable(change.name)} {_versions(change)}" for change in changes])
    marks = {"added": "+", "removed": "-", "content": "~", "access": "m"}
    yield from _listed("files", [f"{marks[change.change]} /{printable(change.path)}" for change in one.files])


def _told(change: ConfigChange) -> str:
    name = f"{change.member} {change.key}".strip()
    return printable(f"{name}: {change.before!r} → {change.after!r}")


def _versions(change: PackageChange) -> str:
    return printable(" → ".join(version for version in (change.before, change.after) if version))


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"    {title} ({len(lines)}):"
        yield from (f"      {line}" for line in lines[:_SHOWN])
        if len(lines) > _SHOWN:
            yield f"      and {len(lines) - _SHOWN} more; --json has them all"
