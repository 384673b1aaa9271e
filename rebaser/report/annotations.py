"""What shows beside a job: at most one line for an image, and what did not fit elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rebaser.printable import printable
from rebaser.report.model import FindingEntry, ImageReport

Level = Literal["error", "warning", "notice"]
MAX_MESSAGE = 4096  # characters; GitHub cuts there
_ROOM = 1500  # characters of what an image or a registry said


@dataclass(frozen=True, slots=True)
class Annotation:
    """A line on one image, or on what is missing."""

    level: Level
    title: str
    message: str


def annotations(image: ImageReport, notices: Iterable[str] = ()) -> tuple[Annotation, ...]:
    """Return an error for an image that was refused or failed, a warning where one should look, and the notices."""
    return tuple(Annotation(level, title, text[:MAX_MESSAGE]) for level, title, text in _all(image, notices))


def _all(image: ImageReport, notices: Iterable[str]) -> Iterator[tuple[Level, str, str]]:
    name = printable(image.original, 200)
    if image.error:
        yield "error", f"{name}: failed", f"{printable(image.error.message, _ROOM)} → {image.error.remedy}"
    elif image.result in ("refused", "skipped"):
        why = printable(image.decision.because, _ROOM) if image.decision else ""
        yield "error" if image.result == "refused" else "warning", f"{name}: {image.result}", f"{why} {_counted(image)}"
    elif image.result == "rebased" and any(finding.severity != "note" for finding in _findings(image)):
        yield "warning", f"{name}: rebased, with findings", _counted(image)
    for notice in notices:
        yield "notice", name, printable(notice, _ROOM)


def _counted(image: ImageReport) -> str:
    counts = {severity: sum(found.severity == severity for found in _findings(image)) for severity in _SEVERITIES}
    told = ", ".join(f"{count} {severity}{'s' * (count > 1)}" for severity, count in counts.items() if count)
    return f"({told or 'no findings'}; the summary and report.json have all of it)"


def _findings(image: ImageReport) -> list[FindingEntry]:
    return [finding for platform in image.platforms for finding in platform.findings]


_SEVERITIES = ("blocker", "warning", "note")
