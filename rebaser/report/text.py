"""The report as people read it in a terminal or a log: the verdict first, then what explains it."""

from collections.abc import Iterator

from rebaser.printable import printable, size
from rebaser.report.model import BaseUsed, FindingEntry, ImageReport, PlatformReport

_SHORT = 19  # characters of `sha256:` and twelve digits: enough to recognise a digest
_VERDICTS = {
    "rebased": "Rebased",
    "unchanged": "Unchanged",
    "skipped": "Skipped",
    "refused": "Refused",
    "failed": "Failed",
}


def render(image: ImageReport) -> str:
    """Return the lines for one image, the last without a newline."""
    return "\n".join(_lines(image))


def _lines(image: ImageReport) -> Iterator[str]:
    verdict = "Would be rebased" if image.dryRun and image.result == "rebased" else _VERDICTS[image.result]
    yield f"{verdict}: {image.original}"
    if image.error:
        yield f"  {printable(image.error.message, 2000)}"
        yield f"  → {image.error.remedy}"
        yield f"  ({image.error.code}; see docs/errors.md)"
        yield from _tags(image)
        return
    if image.decision and image.result in ("unchanged", "skipped", "refused"):
        yield f"  {printable(image.decision.because, 2000)}"
    for platform in image.platforms:
        yield from _platform(platform, image)
    yield from (f"  note: {notice}" for notice in image.notices)
    yield f"  digest: {image.digest}"
    if image.result == "rebased":
        yield f"  before: {image.originalDigest}"
    yield from _tags(image)


def _platform(platform: PlatformReport, image: ImageReport) -> Iterator[str]:
    yield f"  {platform.platform}{' (current)' if platform.current else ''}"
    if platform.current:
        return
    if platform.oldBase and platform.newBase:
        yield f"    base: {_base(platform.oldBase)} → {_base(platform.newBase)}"
    if platform.layersAfter and platform.seam:
        kept = [layer for layer in platform.layersAfter if layer.origin == "application"]
        moved = len(platform.layersAfter) - len(kept)
        total = size(sum(layer.size for layer in kept))
        yield f"    layers: {platform.seam.layers} of the base replaced by {moved}, {len(kept)} kept ({total})"
        yield f"    config: {_counted(len(platform.configPatch), 'change')}"
    for finding in platform.findings:
        yield from _finding(finding, image)


def _finding(finding: FindingEntry, image: ImageReport) -> Iterator[str]:
    tolerated = f" (tolerated: {printable(finding.tolerated)})" if finding.tolerated else ""
    yield f"    {finding.severity}: {finding.check}: {printable(finding.message, 1000)}{tolerated}"
    if image.result == "refused" and finding.severity != "note" and not tolerated:
        yield f"      → {finding.remedy}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _tags(image: ImageReport) -> Iterator[str]:
    yield from (f"  tag: {tag}" for tag in image.tags)
    yield from (f"  tag not moved: {tag}" for tag in image.tagsNotMoved)


def _base(base: BaseUsed) -> str:
    return f"{printable(base.name)} ({base.digest[:_SHORT]}…, {base.found})" if base.digest else base.name
