"""The report as people read it in a terminal or a log: the verdict first, then what explains it."""

from collections.abc import Iterable, Iterator, Sequence

from rebaser.printable import printable, size
from rebaser.report.model import BaseUsed, FindingEntry, ImageReport, PlatformReport, SmokeTestEntry, VerifiedPlatform
from rebaser.report.package_tables import counts
from rebaser.report.rebuild_text import built_layers, rebuild_lines
from rebaser.report.repairs import by_action

_SHORT = 19  # characters of `sha256:` and twelve digits: enough to recognise a digest
_NAMED = 4  # paths of the merge layer to which the same was done; all are in report.json
_VERDICTS = {
    "rebased": "Rebased",
    "rebuilt": "Rebuilt",
    "unchanged": "Unchanged",
    "skipped": "Skipped",
    "refused": "Refused",
    "failed": "Failed",
}


def render(image: ImageReport) -> str:
    """Return the lines for one image, the last without a newline."""
    return "\n".join(_lines(image))


def _lines(image: ImageReport) -> Iterator[str]:
    yield f"{_verdict(image)}: {printable(image.original)}"
    if image.error:
        yield f"  {printable(image.error.message, 2000)}"
        yield f"  → {image.error.remedy}"
        yield f"  ({image.error.code})"
        yield from rebuild_lines(image)
        yield from _tags(image)
        return
    if image.decision and image.result == "unchanged":
        yield f"  {printable(image.decision.because, 2000)}"
    yield from rebuild_lines(image)
    for platform in image.platforms:
        yield from _platform(platform, image)
    yield from (line for test in image.smokeTests for line in _smoke_test(test))
    yield from (_verified(platform) for platform in (image.verify.platforms if image.verify else ()))
    yield from (f"  note: {notice}" for notice in image.notices)
    yield f"  digest: {image.digest or 'not known before it is built'}"
    if image.result in ("rebased", "rebuilt"):
        yield f"  before: {image.originalDigest}"
    yield from _tags(image)


def _verdict(image: ImageReport) -> str:
    if image.dryRun and image.result in ("rebased", "rebuilt"):
        return f"Would be {image.result}"
    forced = any(finding.blocks for platform in image.platforms for finding in platform.findings)
    return _VERDICTS[image.result] + (" (forced)" if forced and image.result == "rebased" else "")


def _platform(platform: PlatformReport, image: ImageReport) -> Iterator[str]:
    yield f"  {platform.platform}{' (current)' if platform.current else ''}"
    if platform.current:
        return
    if platform.oldBase and platform.newBase:
        yield f"    base: {_base(platform.oldBase)} → {_base(platform.newBase)}"
    if image.result == "rebuilt":
        yield from built_layers(platform, image)
    elif platform.layersAfter and platform.seam:
        yield f"    layers: {_moved(platform, platform.seam.layers)}"
        yield f"    config: {', '.join(_changed(platform)) or 'unchanged'}"
    if platform.mergeLayer and image.result != "rebuilt":
        yield f"    merge layer: {size(platform.mergeLayer.size)}"
        yield from (f"      {words}: {_named(paths)}" for words, paths in by_action(platform.mergeLayer.files))
    for layer in platform.rewrittenLayers if image.result != "rebuilt" else ():
        changed = [change.path for change in layer.changes]
        yield f"    layer {layer.layer} changed to stand on the new base: {_named(changed)}"
    if platform.packages:
        outdated = len(platform.packages.outdated)
        yield f"    packages: {counts(platform.packages)}; {outdated} of the application's own outdated"
    for finding in sorted(platform.findings, key=lambda finding: not finding.blocks):
        yield from _finding(finding, image)


def _moved(platform: PlatformReport, replaced: int) -> str:
    kept = [layer for layer in platform.layersAfter if layer.origin == "application"]
    moved = sum(layer.origin == "new base" for layer in platform.layersAfter)
    return f"{replaced} of the base replaced by {moved}, {len(kept)} kept ({size(sum(layer.size for layer in kept))})"


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + more


def _changed(platform: PlatformReport) -> Iterable[str]:
    """Return the members of the config that change, each once: `Env`, `Labels`, `history`."""
    paths = (str(change["path"]).removeprefix("/config").split("/") for change in platform.configPatch)
    return dict.fromkeys(printable(parts[1]) for parts in paths if len(parts) > 1)


def _finding(finding: FindingEntry, image: ImageReport) -> Iterator[str]:
    tolerated = f" (tolerated: {printable(finding.tolerated)})" if finding.tolerated else ""
    yield f"    {finding.severity}: {finding.check}: {printable(finding.message, 1000)}{tolerated}"
    if finding.blocks and image.result != "rebuilt":
        yield f"      → {finding.remedy}"


def _smoke_test(test: SmokeTestEntry) -> Iterator[str]:
    became = f"failed: {printable(test.failure)}" if test.failure else "passed"
    yield f"  smoke test on {printable(test.platform)}: {printable(test.test)}: {became} ({test.seconds:.1f} s)"
    yield from (f"    | {printable(line)}" for line in test.output if test.failure)


def _verified(platform: VerifiedPlatform) -> str:
    differences = f"{platform.config} in the config, {platform.packages} packages, {platform.files} files"
    return f"  against a rebuild on {printable(platform.platform)}: {differences}; {platform.unexpected} not expected"


def _tags(image: ImageReport) -> Iterator[str]:
    yield from (f"  original kept as: {tag}" for tag in image.tagsKept)
    yield from (f"  tag: {tag}" for tag in image.tags)
    if image.dryRun:
        yield from (f"  tag, were it not a dry run: {tag}" for tag in image.targets)
    yield from (f"  tag not moved: {tag}" for tag in image.tagsNotMoved)


def _base(base: BaseUsed) -> str:
    return f"{printable(base.name)} ({base.digest[:_SHORT]}…, {base.found})" if base.digest else base.name
