"""The summary of a run, as GitHub-flavoured Markdown: the verdict first, what explains it below, details folded.

What comes from an image or a registry is shown through `markup` and `picture` only. A summary that is too large would
be dropped whole by GitHub, so sections are left out, the least important first, and that is said.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rebaser.printable import size
from rebaser.report.markup import code, escaped, fenced, folded, prose, table
from rebaser.report.model import BaseUsed, FindingEntry, ImageReport, Json, LayerEntry, PlatformReport
from rebaser.report.picture import picture

LIMIT = 1024 * 1024  # bytes of UTF-8; GitHub drops a larger summary
_MESSAGE = 2000  # characters
_MARKS = {"rebased": "✅", "unchanged": "🟰", "skipped": "⏭️", "refused": "⛔", "failed": "❌"}
_SEVERITIES = {"blocker": "⛔ blocker", "warning": "⚠️ warning", "note": "ℹ️ note"}  # noqa: RUF001  the sign is meant
_SHORT = 19  # characters of `sha256:` and twelve digits


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of the summary; the higher its rank, the sooner it is left out. Rank 0 stays."""

    rank: int
    text: str


def summary(image: ImageReport, limit: int = LIMIT) -> str:
    """Return the summary in at most `limit` bytes, which must have room for the verdict."""
    sections = list(_sections(image))
    left_out = "\n\n_Left out for its length; report.json has all of it._"
    text = _joined(sections)
    while len(text.encode()) > limit and (rank := max(section.rank for section in sections)):
        longest = max((section for section in sections if section.rank == rank), key=lambda section: len(section.text))
        sections.remove(longest)
        text = _joined(sections).rstrip("\n") + left_out + "\n"
    return text


def _joined(sections: Sequence[Section]) -> str:
    return "\n\n".join(section.text for section in sections if section.text) + "\n"


def _sections(image: ImageReport) -> Iterator[Section]:
    yield Section(0, f"### {_verdict(image)}")
    yield Section(1, _reason(image))
    yield Section(2, _places(image))
    for number, platform in enumerate(image.platforms):
        several, done = len(image.platforms) > 1, image.result == "rebased" and not image.dryRun
        yield from _platform(platform, several=several, rank=3 + min(number, 1), done=done)
    if image.notices:
        yield Section(6, "\n".join(f"- {escaped(notice, _MESSAGE)}" for notice in image.notices))
    if image.digest:
        yield Section(2, _commands(image))
    yield Section(5, _traffic(image))


def _verdict(image: ImageReport) -> str:
    words = {"unchanged": "Nothing to do", "rebased": "Rebased"}.get(image.result, image.result.capitalize())
    forced = image.result == "rebased" and any(_blocking(image))
    if image.dryRun and image.result == "rebased":
        words = "Would be rebased (dry run)"
    words += ", forced" if forced else ""
    mark = "⚠️" if forced else _MARKS[image.result]
    return f"{mark} {words}: {code(image.original)}" + (f" is {code(image.digest)}" if image.digest else "")


def _blocking(image: ImageReport) -> Iterator[FindingEntry]:
    return (finding for platform in image.platforms for finding in platform.findings if finding.blocks)


def _reason(image: ImageReport) -> str:
    """Return why it came to this, where that is not plain, and what to do."""
    if image.error:
        error = image.error
        return f"{escaped(error.message, _MESSAGE)}\n\n**What to do:** {prose(error.remedy)} ({code(error.code)})"
    if image.result == "rebased" and not any(_blocking(image)):
        return ""
    reason = escaped(image.decision.because, _MESSAGE) if image.decision else ""
    remedies = dict.fromkeys(
        f"- {code(finding.check)}: {escaped(finding.remedy, _MESSAGE)}" for finding in _blocking(image)
    )
    return "\n".join([reason, *(["", "**What to do:**", *remedies] if remedies else [])])


def _places(image: ImageReport) -> str:
    rows = [("tag moved", tag) for tag in image.tags] + [("tag **not** moved", tag) for tag in image.tagsNotMoved]
    rows += [("original kept as", tag) for tag in image.tagsKept]
    if image.dryRun:
        rows += [("tag, were it not a dry run", tag) for tag in image.targets]
    return "\n".join(f"- {label}: {code(text)}" for label, text in rows)


def _platform(platform: PlatformReport, *, several: bool, rank: int, done: bool) -> Iterator[Section]:
    if several:
        yield Section(rank, f"#### {escaped(platform.platform)}")
    yield Section(rank, _facts(platform))
    yield Section(rank, _findings(platform.findings))
    if platform.layersAfter and not done:
        yield Section(rank, "**What a rebase would come to:**")
    yield Section(rank, _changes(platform))
    if platform.layersAfter:
        yield Section(7, folded("Layers", fenced(picture(platform), "mermaid") + "\n\n" + _layers(platform)))
    if platform.conflicts:
        yield Section(8, folded(f"Values that both sides changed ({len(platform.conflicts)})", _conflicts(platform)))
    if platform.configPatch:
        patch = json.dumps(platform.configPatch, indent=2)
        yield Section(9, folded("Config change as an RFC 6902 JSON patch", fenced(patch, "json")))


def _facts(platform: PlatformReport) -> str:
    rows = []
    if platform.oldBase:
        rows.append(("old base", f"{_base(platform.oldBase)}, known from: {escaped(platform.oldBase.found)}"))
    if platform.newBase:
        rows.append(("new base", _base(platform.newBase)))
    if platform.current:
        rows.append(("current", escaped(platform.current, _MESSAGE)))
    if platform.layersAfter and platform.seam:
        rows.append(("layers", _counts(platform)))
    rows += [("not a base of it", escaped(text)) for text in platform.rejectedBases]
    return table((escaped(platform.platform), ""), rows) if rows else ""


def _counts(platform: PlatformReport) -> str:
    def told(layers: Sequence[LayerEntry], origin: str) -> tuple[int, str]:
        sizes = [layer.size for layer in layers if layer.origin == origin]
        return len(sizes), size(sum(sizes))

    old, new = told(platform.layersBefore, "old base"), told(platform.layersAfter, "new base")
    own = told(platform.layersAfter, "application")
    replaced = f"{old[0]} of the old base ({old[1]}) replaced by {new[0]} ({new[1]})"
    return f"{replaced}, {own[0]} of the application kept ({own[1]})"


def _base(base: BaseUsed) -> str:
    return code(base.name) + (f" {code(base.digest[:_SHORT] + '…')}" if base.digest else "")


def _findings(findings: Sequence[FindingEntry]) -> str:
    if not findings:
        return ""
    ordered = sorted(findings, key=lambda finding: not finding.blocks)
    rows = [
        (
            _SEVERITIES[found.severity] + (" (tolerated)" if found.tolerated else ""),
            code(found.check),
            escaped(found.message, _MESSAGE),
            prose(found.remedy),
        )
        for found in ordered
    ]
    return table(("", "check", "what it found", "what to do"), rows)


def _changes(platform: PlatformReport) -> str:
    if not platform.configChanges:
        return ""
    rows = [
        (f"{escaped(change.member)} {code(change.key)}".rstrip(), _value(change.before), _value(change.after))
        for change in platform.configChanges
    ]
    return table(("config", "before", "after"), rows)


def _value(value: Json) -> str:
    if value is None:
        return "–"  # noqa: RUF001  the dash is meant
    return code(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False))


def _conflicts(platform: PlatformReport) -> str:
    rows = [
        (
            f"{code(conflict.pointer)} {code(conflict.key)}".rstrip(),
            *map(_value, (conflict.oldBase, conflict.app, conflict.newBase, conflict.kept)),
        )
        for conflict in platform.conflicts
    ]
    return table(("value", "old base", "application", "new base", "kept"), rows)


def _layers(platform: PlatformReport) -> str:
    rows = [(layer.origin, code(layer.digest[:_SHORT] + "…"), size(layer.size)) for layer in platform.layersAfter]
    return table(("origin", "layer, base first", "size"), rows)


def _commands(image: ImageReport) -> str:
    """Return lines to copy; references and digests are of a grammar that holds nothing a shell would act on."""
    name = image.imageName or ""
    shown = image.result in ("rebased", "unchanged") and not image.dryRun
    lines = [f"docker pull {name}@{image.digest}"] if shown else []
    back = [tag for tag in image.tags if image.changed and image.originalDigest and tag.startswith(f"{name}:")]
    original = f"docker://{name}@{image.originalDigest}"
    lines += [f"skopeo copy --all --preserve-digests {original} docker://{tag}  # the way back" for tag in back]
    return fenced("\n".join(lines), "sh") if lines and _is_remote(name) else ""


def _is_remote(name: str) -> bool:
    return bool(name) and not name.startswith("oci:")


def _traffic(image: ImageReport) -> str:
    traffic = image.traffic
    blobs = "".join(f", {count} blobs {how}" for how, count in sorted(traffic.blobs.items()))
    seconds = sum(traffic.seconds.values())
    moved = f"{size(traffic.bytesDown)} down, {size(traffic.bytesUp)} up"
    return f"<sub>{seconds:.1f} s, {traffic.requests} requests, {moved}{blobs}</sub>"
