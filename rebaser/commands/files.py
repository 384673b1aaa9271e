"""The files of the report: the directory is proved before anything is done, and each file is written whole or not."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

from rebaser.errors import InputError, InputProblem


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


def write_files(files: Mapping[str, str], directory: Path, became: str) -> None:
    """Write texts under their names.

    Raises:
        InputError: they cannot be written; `became` says what has become of the image all the same.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            _put(directory / name, text)
    except OSError as error:
        raise _unwritable(directory, error, became) from error


def _put(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _unwritable(directory: Path, error: OSError, became: str) -> InputError:
    remedy = "Name a directory that can be written to in `report-dir`."
    return InputError(InputProblem("report-dir", f"{directory} cannot be written: {error.strerror}; {became}", remedy))
