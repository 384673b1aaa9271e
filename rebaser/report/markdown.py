"""The summary of a run, as GitHub-flavoured Markdown: the verdict first, what explains it below, details folded.

What comes from an image or a registry is shown through `markup` and `picture` only. A summary that is too large would
be dropped whole by GitHub, so sections are left out, the least important first, and those are named.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rebaser.printable import printable, size
from rebaser.report.markup import code, escaped, fenced, folded, prose, table, unfolded
from rebaser.report.model import (
    BaseUsed,
    ConfigChangeEntry,
    ConflictEntry,
    FindingEntry,
    ImageReport,
    Json,
    LayerChangeEntry,
    LayerEntry,
    PlatformReport,
    RepairEntry,
)
from rebaser.report.package_tables import brought, outdated, own
from rebaser.report.picture import picture
from rebaser.report.rebuild_text import origin
from rebaser.report.repairs import by_action

LIMIT = 1024 * 1024  # bytes of UTF-8; GitHub drops a larger summary
_MESSAGE = 2000  # characters
_MOST = 500  # findings of a platform; more would not fit
_MARKS = {"rebased": "✅", "rebuilt": "🏗️", "unchanged": "🟰", "skipped": "⏭️", "refused": "⛔", "failed": "❌"}
_SEVERITIES = {"blocker": "⛔ blocker", "warning": "⚠️ warning", "note": "ℹ️ note"}  # noqa: RUF001  the sign is meant
_SHORT = 19  # characters of `sha256:` and twelve digits
_NOTHING = "–"  # noqa: RUF001  the dash is meant


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of the summary; the higher its rank, the sooner it is left out. Rank 0 stays.

    Pieces that stand under one `title` are folded together.
    """

    rank: int
    name: str
    text: str
    title: str = ""


def summary(image: ImageReport, limit: int = LIMIT) -> str:
    """Return the summary in at most `limit` bytes; nothing, where they do not hold even the verdict."""
    kept = [section for section in _sections(image) if section.text]
    left_out: list[str] = []
    while len((text := _joined(kept, left_out)).encode()) > limit:
        least = max(kept, key=lambda section: (section.rank, len(section.text)))
        if not least.rank:
            return ""
        kept.remove(least)
        left_out.append(least.name)
    return text


def _joined(kept: Sequence[Section], left_out: Sequence[str]) -> str:
    pieces = []
    for number, (title, group) in enumerate(groupby(kept, key=lambda section: section.title)):
        body = "\n\n".join(section.text for section in group)
        shown = unfolded if number == 1 else folded  # the verdict is the first of all, then comes the first platform
        pieces.append(shown(title, body) if title else body)
    if left_out:
        pieces.append(f"_Left out for length, and in report.json: {', '.join(dict.fromkeys(left_out))}._")
    return "\n\n".join(pieces) + "\n"


def _sections(image: ImageReport) -> Iterator[Section]:
    yield Section(0, "verdict", f"### {_verdict(image)}")
    yield Section(1, "reason", _reason(image))
    yield Section(1, "source", _source(image))
    yield Section(2, "tags", _places(image))
    for number, platform in enumerate(image.platforms):
        title = _title(platform) if len(image.platforms) > 1 else ""
        for section in _platform(platform, image, rank=3 + min(number, 1)):
            yield replace(section, title=title)
    yield Section(2, "smoke tests", _smoke_tests(image))
    yield Section(4, "verification", _verification(image))
    yield Section(6, "notices", "\n".join(f"- {escaped(notice, _MESSAGE)}" for notice in image.notices))
    yield Section(2, "commands", _commands(image))
    if image.rebuild and image.rebuild.log:
        log = fenced("\n".join(printable(line, _MESSAGE) for line in image.rebuild.log), "text")
        shown = unfolded if image.error else folded
        yield Section(5, "log of the build", shown("The builder's last lines", log))
    yield Section(5, "traffic", _traffic(image))


def _smoke_tests(image: ImageReport) -> str:
    rows = [
        [code(test.test), escaped(f"failed: {test.failure}" if test.failure else "passed"), f"{test.seconds:.1f} s"]
        for test in image.smokeTests
    ]
    said = [
        folded(f"Output of {escaped(test.test)}", "\n".join(f"- {code(line)}" for line in test.output))
        for test in image.smokeTests
        if test.failure and test.output
    ]
    return "\n\n".join([table(["Smoke test", "Result", "Time"], rows), *said]) if rows else ""


def _verification(image: ImageReport) -> str:
    if image.verify is None:
        return ""
    head = ["Against a rebuild", "Config", "Packages", "Files", "Not expected"]
    rows = [
        [escaped(one.platform), str(one.config), str(one.packages), str(one.files), str(one.unexpected)]
        for one in image.verify.platforms
    ]
    changed = [
        [one.kind, escaped(one.change), code(one.subject)]
        for platform in image.verify.platforms
        for one in platform.differences
        if not one.expected
    ]
    more = [folded("What differs", table(["Kind", "Change", "What"], changed))] if changed else []
    return "\n\n".join([table(head, rows), *more])


def _title(platform: PlatformReport) -> str:
    return escaped(platform.platform) + (" ⛔" if any(finding.blocks for finding in platform.findings) else "")


def _verdict(image: ImageReport) -> str:
    words = {"unchanged": "Nothing to do", "rebased": "Rebased"}.get(image.result, image.result.capitalize())
    forced = image.result == "rebased" and any(_blocking(image))
    if image.dryRun and image.result in ("rebased", "rebuilt"):
        words = f"Would be {image.result} (dry run)"
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
    if image.result == "unchanged" or (image.result == "rebased" and not any(_blocking(image))):
        return ""
    reason = escaped(image.decision.because, _MESSAGE) if image.decision else ""
    if image.result == "rebuilt":
        return f"A rebase would not do: {reason}"
    remedies = dict.fromkeys(f"- {code(finding.check)}: {prose(finding.remedy)}" for finding in _blocking(image))
    return "\n".join([reason, *(["", "**What to do:**", *remedies] if remedies else [])])


def _source(image: ImageReport) -> str:
    """Return from what it was built, and where that failed, why it had to be."""
    if image.rebuild is None:
        return ""
    done = image.result == "rebuilt" and not image.dryRun
    told = f"{'Built' if done else 'To be built'} from {escaped(origin(image.rebuild), _MESSAGE)}."
    because = image.decision.because if image.error and image.decision else ""
    return told + (f"\n\nA rebase would not do: {escaped(because, _MESSAGE)}" if because else "")


def _places(image: ImageReport) -> str:
    rows = [("tag moved", tag) for tag in image.tags] + [("tag **not** moved", tag) for tag in image.tagsNotMoved]
    rows += [("original kept as", tag) for tag in image.tagsKept]
    if image.dryRun:
        rows += [("tag, were it not a dry run", tag) for tag in image.targets]
    return "\n".join(f"- {label}: {code(text)}" for label, text in rows)


def _platform(platform: PlatformReport, image: ImageReport, *, rank: int) -> Iterator[Section]:
    done = image.result in ("rebased", "rebuilt") and not image.dryRun
    would = "**What a rebase would come to:**" if platform.layersAfter and not done else ""
    yield Section(rank, "bases", _facts(platform, image))
    yield Section(rank, "findings", _findings(platform.findings))
    yield Section(rank, "config changes", would)
    yield Section(rank, "config changes", _changes(platform.configChanges))
    if platform.packages:
        yield Section(5, "packages of the base", brought(platform.packages))
        yield Section(rank + 1, "outdated packages", outdated(platform.packages))
        yield Section(6, "packages of the application", own(platform.packages))
    if platform.mergeLayer:
        counted = ", ".join(f"{len(paths)} {words}" for words, paths in by_action(platform.mergeLayer.files))
        title = f"What was put in order in a layer on top: {counted}"
        yield Section(7, "merge layer", folded(title, _repairs(platform.mergeLayer.files)))
    for layer in platform.rewrittenLayers:
        title = f"What was changed in layer {layer.layer}, which could not stand on the new base ({len(layer.changes)})"
        yield Section(7, "rewritten layers", folded(title, _layer_changes(layer.changes)))
    if platform.layersAfter:
        drawn = fenced(picture(platform), "mermaid") + "\n\n" + _layers(platform)
        yield Section(7, "layers", folded("Layers", drawn))
    if platform.conflicts:
        title = f"Values that both sides changed ({len(platform.conflicts)})"
        yield Section(8, "conflicts", folded(title, _conflicts(platform.conflicts)))
    if platform.configPatch:
        patch = fenced(json.dumps(platform.configPatch, indent=2), "json")
        yield Section(9, "config patch", folded("Config change as an RFC 6902 JSON patch", patch))


def _facts(platform: PlatformReport, image: ImageReport) -> str:
    rows = []
    if platform.oldBase:
        rows.append(("old base", f"{_base(platform.oldBase)}, known from: {escaped(platform.oldBase.found)}"))
    if platform.newBase:
        rows.append(("new base", _base(platform.newBase)))
    if platform.current:
        rows.append(("current", escaped(platform.current, _MESSAGE)))
    if platform.layersAfter and (platform.seam or image.result == "rebuilt"):
        rows.append(("layers", _counts(platform, image)))
    rows += [("not a base of it", escaped(text)) for text in platform.rejectedBases]
    return table((escaped(platform.platform), ""), rows) if rows else ""


def _counts(platform: PlatformReport, image: ImageReport) -> str:
    def told(layers: Sequence[LayerEntry], origin: str) -> tuple[int, str]:
        sizes = [layer.size for layer in layers if layer.origin == origin]
        return len(sizes), size(sum(sizes))

    old, new = told(platform.layersBefore, "old base"), told(platform.layersAfter, "new base")
    own = told(platform.layersAfter, "application")
    if image.result == "rebuilt" and not image.dryRun:
        return f"{new[0]} of the new base ({new[1]}), {own[0]} built ({own[1]})"
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
        for found in ordered[:_MOST]
    ]
    more = f"\n\n_{len(ordered) - _MOST} more are in report.json._" if len(ordered) > _MOST else ""
    return table(("", "check", "what it found", "what to do"), rows) + more


def _changes(changes: Sequence[ConfigChangeEntry]) -> str:
    rows = [
        (
            _changed(change),
            _NOTHING if change.change == "added" else _value(change.before),
            _NOTHING if change.change == "removed" else _value(change.after),
        )
        for change in changes
    ]
    return table(("config", "before", "after"), rows) if rows else ""


def _changed(change: ConfigChangeEntry) -> str:
    order = " (order)" if change.change == "reordered" else ""
    return f"{escaped(change.member)} {code(change.key)}".rstrip() + order


def _value(value: Json) -> str:
    return code(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False))


def _conflicts(conflicts: Sequence[ConflictEntry]) -> str:
    return table(("value", "old base", "application", "new base", "kept"), map(_conflict, conflicts))


def _conflict(conflict: ConflictEntry) -> tuple[str, ...]:
    sides = (conflict.oldBase, conflict.app, conflict.newBase, conflict.kept)
    name = f"{code(conflict.pointer)} {code(conflict.key)}".rstrip()
    return name, *(_NOTHING if side is None else _value(side) for side in sides)


def _repairs(files: Sequence[RepairEntry]) -> str:
    rows = [(code(file.path), file.action, escaped(file.why)) for file in files[:_MOST]]
    more = f"\n\n_{len(files) - _MOST} more are in report.json._" if len(files) > _MOST else ""
    return table(("path", "what was done", "why"), rows) + more


def _layer_changes(changes: Sequence[LayerChangeEntry]) -> str:
    rows = [(code(change.path), escaped(change.why)) for change in changes[:_MOST]]
    more = f"\n\n_{len(changes) - _MOST} more are in report.json._" if len(changes) > _MOST else ""
    return table(("path", "what becomes of it"), rows) + more


def _layers(platform: PlatformReport) -> str:
    rows = [(layer.origin, code(layer.digest[:_SHORT] + "…"), size(layer.size)) for layer in platform.layersAfter]
    return table(("origin", "layer, base first", "size"), rows)


def _commands(image: ImageReport) -> str:
    """Return lines to copy; references and digests are of a grammar that holds nothing a shell would act on.

    A way back is known for the image's own tag only: of the others, nobody has told what they named before.
    """
    name, own = image.imageName or "", image.original.partition("@")[0]
    if not (_is_remote(name) and image.digest):
        return ""
    shown = image.result in ("rebased", "rebuilt", "unchanged") and not image.dryRun
    lines = [f"docker pull {name}@{image.digest}"] if shown else []
    if image.changed and image.originalDigest and own in image.tags:
        before = f"docker://{name}@{image.originalDigest}"
        lines.append(f"skopeo copy --all --preserve-digests {before} docker://{own}  # the way back")
    return fenced("\n".join(lines), "sh") if lines else ""


def _is_remote(name: str) -> bool:
    return bool(name) and not name.startswith(("oci:", "docker-archive:", "docker-daemon:"))


def _traffic(image: ImageReport) -> str:
    traffic = image.traffic
    blobs = "".join(f", {count} blobs {how}" for how, count in sorted(traffic.blobs.items()))
    seconds = sum(traffic.seconds.values())
    moved = f"{size(traffic.bytesDown)} down, {size(traffic.bytesUp)} up"
    return f"<sub>{seconds:.1f} s, {traffic.requests} requests, {moved}{blobs}</sub>"
