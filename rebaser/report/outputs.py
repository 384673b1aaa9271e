"""What later steps of a job read: one text for each output, on every end.

JSON is compact and ASCII, so that nothing in it is invisible and no line ends in it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rebaser.report.model import BaseUsed, FindingEntry, ImageReport, PlatformReport

MAX_PATCH = 127 * 1024  # characters: a variable of a step's environment holds 128 KiB, and GitHub counts two bytes each
MAX_FINDINGS = 64 * 1024  # characters
MAX_PACKAGES = 64 * 1024  # characters
_FIRST = "linux/amd64"
_SPARED = ("own", "added", "removed", "downgraded", "outdated", "upgraded")  # of the packages, in this order


@dataclass(frozen=True, slots=True)
class Outputs:
    """The texts by name, and what did not fit into them."""

    values: Mapping[str, str]
    notices: tuple[str, ...] = ()


def outputs(image: ImageReport, report: str) -> Outputs:
    """Return every output of `OUTPUTS`; `report` is the path of report.json."""
    patches = {platform.platform: platform.configPatch for platform in image.platforms}
    chosen = _chosen(image.platforms)
    patch, patches_text = _json(chosen.configPatch if chosen else []), _json(patches)
    found = _by_weight(image)
    fitting = _fitting(found)
    packages, missing = _packages(chosen)
    values = {name: tell(image) for name, tell in _TOLD.items()}
    values |= {
        "config-patch": patch if len(patch) <= MAX_PATCH else "",
        "config-patches": patches_text if len(patches_text) <= MAX_PATCH else "",
        "old-base": _base(chosen.oldBase) if chosen else "",
        "new-base": _base(chosen.newBase) if chosen else "",
        "findings": _json(fitting),
        "packages": packages,
        "report": report,
    }
    notices = [
        f"The output {name} is empty: it would have {len(text)} characters, more than {MAX_PATCH}; see {report}"
        for name, text in (("config-patch", patch), ("config-patches", patches_text))
        if len(text) > MAX_PATCH
    ]
    if len(fitting) < len(found):
        notices.append(f"The output findings holds {len(fitting)} of {len(found)} findings; all are in {report}")
    if missing:
        notices.append(f"The output packages only counts what is {', '.join(missing)}; all of it is in {report}")
    return Outputs({name: values[name] for name in OUTPUTS}, tuple(notices))


def compatible(image: ImageReport) -> str:
    """Return `true` when no finding stands in the way, of those that the user did not tolerate, else `false`.

    Empty when no check has looked: the run failed before, or the image is current.
    """
    looked = [check for platform in image.platforms for check in platform.checks if check.status != "skipped"]
    if not looked:
        return ""
    return _truth(not any(finding.blocks for platform in image.platforms for finding in platform.findings))


OUTPUTS: Mapping[str, str] = {
    "result": "unchanged, rebased, rebuilt, skipped, refused or failed; set on every exit",
    "digest": "what the tags name now; the original's when unchanged, refused or skipped; empty when unknown",
    "original-digest": "what was there before, the way back",
    "image": "repository@digest",
    "image-name": "registry/repository, without a tag",
    "changed": "true when the tags now name something else than before",
    "tags": "the references that moved, one a line",
    "config-patch": "RFC 6902 patch of the config, of the only platform or else of the first",
    "config-patches": "JSON object, platform to patch",
    "old-base": "name@digest of the old base that was used",
    "new-base": "name@digest of the new base that was used",
    "compatible": "true or false; empty when the checks did not run",
    "findings": "JSON list of what the checks found",
    "packages": "JSON: packages that the new base changes, and the application's own; empty when layers were not read",
    "dry-run": "true when nothing was pushed because that was asked for",
    "report": "path of report.json",
}
"""Every output and what it means, in the order of the README."""

_TOLD: Mapping[str, Callable[[ImageReport], str]] = {
    "result": lambda image: image.result,
    "digest": lambda image: image.digest or "",
    "original-digest": lambda image: image.originalDigest or "",
    "image": lambda image: image.image or "",
    "image-name": lambda image: image.imageName or "",
    "changed": lambda image: _truth(image.changed),
    "tags": lambda image: "\n".join(image.tags),
    "compatible": compatible,
    "dry-run": lambda image: _truth(image.dryRun),
}


def _chosen(platforms: Sequence[PlatformReport]) -> PlatformReport | None:
    """Return the platform that speaks for all: linux/amd64 where it is there, else the first."""
    usual = (platform for platform in platforms if platform.platform == _FIRST)
    return next(usual, platforms[0] if platforms else None)


def _by_weight(image: ImageReport) -> list[dict[str, Any]]:
    """Return all findings, those that stand in the way first, each with its platform."""
    found = [(platform, finding) for platform in image.platforms for finding in platform.findings]
    found.sort(key=lambda pair: not pair[1].blocks)
    return [_finding(platform, finding) for platform, finding in found]


def _finding(platform: PlatformReport, finding: FindingEntry) -> dict[str, Any]:
    return {"platform": platform.platform, **finding.model_dump(mode="json")}


def _fitting(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as many as there is room for; one that is too large does not keep out those behind it."""
    room, fitting = MAX_FINDINGS - 2, []
    for finding in found:
        length = len(_json(finding)) + 1
        if length <= room:
            room -= length
            fitting.append(finding)
    return fitting


def _packages(platform: PlatformReport | None) -> tuple[str, tuple[str, ...]]:
    """Return the packages of a platform as JSON, and the lists that are left out of it for length."""
    if platform is None or platform.packages is None:
        return "", ()
    whole = platform.packages.model_dump(mode="json")
    head = {"platform": platform.platform, "counts": {name: len(entries) for name, entries in whole.items()}}
    for count in range(len(_SPARED) + 1):
        missing = _SPARED[:count]
        text = _json(head | {name: entries for name, entries in whole.items() if name not in missing})
        if len(text) <= MAX_PACKAGES:
            return text, tuple(name for name in missing if whole[name])
    return "", _SPARED


def _base(base: BaseUsed | None) -> str:
    if base is None:
        return ""
    return f"{base.name}@{base.digest}" if base.digest else base.name


def _truth(value: bool) -> str:  # noqa: FBT001  it is the value that is written
    return "true" if value else "false"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
