"""The files of the report: the directory is proved before anything is done, and each file is written whole or not."""

import json
from pathlib import Path
from tempfile import TemporaryFile

from rebaser.errors import InputError, InputProblem
from rebaser.report.build import report
from rebaser.report.model import ImageReport


def make_writable(directory: Path) -> None:
    """Make the directory of the report, before any tag is moved.

    Raises:
        InputError: nothing can be written there.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise _unwritable(directory, error, "nothing was done") from error


def write_files(told: ImageReport, directory: Path) -> None:
    """Write all files of the report.

    Raises:
        InputError: they cannot be written; what became of the image is said.
    """
    patches = {platform.platform: platform.configPatch for platform in told.platforms}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _put(directory / "report.json", report([told]).model_dump(mode="json"))
        _put(directory / "config-patch.json", patches)
    except OSError as error:
        became = f"the image itself: {told.result} {told.digest or ''}".rstrip()
        raise _unwritable(directory, error, became) from error


def _put(path: Path, value: object) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def _unwritable(directory: Path, error: OSError, became: str) -> InputError:
    remedy = "Name a directory that can be written to in `report-dir`."
    return InputError(InputProblem("report-dir", f"{directory} cannot be written: {error.strerror}; {became}", remedy))
