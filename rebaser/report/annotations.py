"""What shows beside a job: the worst findings, what became of the image where none tells it, and what did not fit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from rebaser.printable import printable
from rebaser.report.model import FindingEntry, ImageReport

Level = Literal["error", "warning", "notice"]
MAX_MESSAGE = 4096  # characters; GitHub cuts there
MAX_SHOWN = 10  # of each level; GitHub shows no more of one step
_ROOM = 1500  # characters of what an image or a registry said
_SEVERITIES = ("blocker", "warning", "note")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A line on one finding, on one image, or on what is missing."""

    level: Level
    title: str
    message: str


def annotations(image: ImageReport, notices: Iterable[str] = ()) -> tuple[Annotation, ...]:
    """Return the lines, worst first, at most `MAX_SHOWN` of a level; the last of those tells how many are left out.

    One for each finding that stands in the way or is a warning and was not tolerated, which platforms that have it
    alike share; one for the image if it failed, or was refused or skipped without a finding; and the notices.
    """
    name = printable(image.original, 200)
    told = [*_verdict(image, name), *_findings(image, name)]
    told += [Annotation("notice", name, printable(notice, _ROOM)) for notice in notices]
    levels: tuple[Level, ...] = ("error", "warning", "notice")
    return tuple(chain.from_iterable(_shown([one for one in told if one.level == level], name) for level in levels))


def _shown(told: list[Annotation], name: str) -> list[Annotation]:
    """Return as many lines of one level as show, each cut to what shows of it."""
    cut = [Annotation(one.level, one.title, one.message[:MAX_MESSAGE]) for one in told]
    if len(cut) <= MAX_SHOWN:
        return cut
    kept = cut[: MAX_SHOWN - 1]
    more = f"{len(cut) - len(kept)} more are not shown here; the summary and report.json have all of them"
    return [*kept, Annotation(cut[0].level, name, more)]


def _verdict(image: ImageReport, name: str) -> Iterator[Annotation]:
    if image.error:
        message = f"{printable(image.error.message, _ROOM)} → {printable(image.error.remedy, _ROOM)}"
        yield Annotation("error", f"{name}: failed", message)
    elif image.result in ("refused", "skipped") and not any(finding.blocks for _, finding in _all(image)):
        why = printable(image.decision.because, _ROOM) if image.decision else "The report says why."
        yield Annotation("error" if image.result == "refused" else "warning", f"{name}: {image.result}", why)


def _findings(image: ImageReport, name: str) -> Iterator[Annotation]:
    platforms: dict[tuple[Level, str, str, str], dict[str, None]] = {}
    for platform, finding in sorted(_all(image), key=_weight):
        if finding.blocks or (finding.severity != "note" and finding.tolerated is None):
            level: Level = "error" if finding.blocks and image.result == "refused" else "warning"
            alike = (level, finding.check, finding.message, finding.remedy)
            platforms.setdefault(alike, {})[platform] = None
    for (level, check, message, remedy), where in platforms.items():
        place = f"{name} ({printable(', '.join(where), 200)})"
        yield Annotation(level, check, f"{place}: {printable(message, _ROOM)} → {printable(remedy, _ROOM)}")


def _all(image: ImageReport) -> list[tuple[str, FindingEntry]]:
    return [(platform.platform, finding) for platform in image.platforms for finding in platform.findings]


def _weight(pair: tuple[str, FindingEntry]) -> tuple[bool, int]:
    return not pair[1].blocks, _SEVERITIES.index(pair[1].severity)
