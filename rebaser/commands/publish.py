"""Tells what became of an image, everywhere at once: text, files of the report, and what the service shows."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rebaser.commands.base import Surroundings, problem, say
from rebaser.commands.files import remove_files, write_files
from rebaser.errors import InputError
from rebaser.plan.trail import TRAIL_FILES
from rebaser.report.annotations import annotations
from rebaser.report.build import report
from rebaser.report.code_quality import code_quality
from rebaser.report.junit import junit
from rebaser.report.markdown import LIMIT, summary
from rebaser.report.model import ImageReport
from rebaser.report.outputs import outputs
from rebaser.report.sarif import sarif
from rebaser.report.text import render


@dataclass(frozen=True, slots=True)
class Publishing:
    """Where and how: the directory of the report with the files `beside` it, and whether stdout is for JSON alone."""

    directory: Path
    json: bool
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def report(self) -> str:
        """Return the path of report.json as later steps can use it: below the directory that we stand in, if it is."""
        path = (self.directory / "report.json").absolute()
        return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def publish(told: ImageReport, how: Publishing, here: Surroundings, code: int) -> int:
    """Tell it, and return the exit code: `code`, or another where only the telling failed."""
    try:
        show(told, how, here)
    finally:  # a reader that has gone away costs neither files nor outputs
        for tell in (keep, hand_over):
            try:
                tell(told, how, here)
            except InputError as error:
                say(here.err, problem(error))
                code = code or error.exit_code
    return code


def show(told: ImageReport, how: Publishing, here: Surroundings) -> None:
    """Print it: as text, and as JSON if that is wanted."""
    if how.json:
        here.service.print_json(json.dumps(report([told]).model_dump(mode="json"), indent=2))  # ASCII, for any stdout
    say(here.err if how.json or told.error else here.out, render(told))


def keep(told: ImageReport, how: Publishing, _here: Surroundings) -> None:
    """Write the files of the report.

    Raises:
        InputError: they cannot be written.
    """
    became = f"the image itself: {told.result} {told.digest or ''}".rstrip()
    beside = {name: content.decode() for name, content in how.beside.items()}
    write_files(_files(told) | beside, how.directory, became)
    remove_files(set(TRAIL_FILES) - beside.keys(), how.directory)


def _files(told: ImageReport) -> dict[str, str]:
    """Return every file of the report, by name. What only programs read is ASCII, so nothing in it is invisible."""
    run = report([told])
    patches = {platform.platform: platform.configPatch for platform in told.platforms}
    values = {"report.json": run.model_dump(mode="json"), "config-patch.json": patches}
    others = {"report.sarif": sarif(run), "gl-code-quality.json": code_quality(run)}
    return {
        **{name: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for name, value in values.items()},
        **{name: json.dumps(value, indent=2) + "\n" for name, value in others.items()},
        "junit.xml": junit(run),
        "summary.md": summary(told),
    }


def hand_over(told: ImageReport, how: Publishing, here: Surroundings) -> None:
    """Give the service outputs, a summary and annotations: each of them, whatever becomes of the others.

    Raises:
        InputError: what could not be written.
    """
    results, service = outputs(told, how.report), here.service
    with ExitStack() as steps:  # the last that is named is the first that is done
        for annotation in reversed(annotations(told, results.notices)):
            steps.callback(service.annotate, annotation.level, annotation.title, annotation.message)
        if service.summary_room > 0:
            steps.callback(service.add_summary, summary(told, min(service.summary_room, LIMIT)))
        steps.callback(service.set_outputs, results.values)
