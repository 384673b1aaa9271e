"""The files of the report: the directory is proved before anything is done, and each file is written whole or not."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from rebaser.errors import InputError, InputProblem


def make_writable(directory: Path) -> None:
    """Make the directory of the report, before any tag is moved.

    Raises:
        InputError: nothing can be written there.
    """
    try:
        _make(directory)
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
        _make(directory)
        for name, text in files.items():
            _put(directory / name, text)
    except OSError as error:
        raise _unwritable(directory, error, became) from error


def remove_files(names: Iterable[str], directory: Path) -> None:
    """Remove what an earlier run has left under these names: beside another report it would tell of another image."""
    for name in names:
        with suppress(OSError):
            (directory / name).unlink(missing_ok=True)


def _make(directory: Path) -> None:
    missing = [path for path in (*reversed(directory.parents), directory) if not path.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    for path in missing:
        _give_away(path)


def _put(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text, encoding="utf-8")
    _give_away(beside)
    beside.replace(path)


def _give_away(path: Path) -> None:
    """Let what root writes belong to the owner of its directory: later steps of a job are not root."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _unwritable(directory: Path, error: OSError, became: str) -> InputError:
    remedy = "Name a directory that can be written to in `report-dir`."
    return InputError(InputProblem("report-dir", f"{directory} cannot be written: {error.strerror}; {became}", remedy))
