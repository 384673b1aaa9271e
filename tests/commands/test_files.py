"""Files of the report: whole or not at all, and whose they are."""

import os
from pathlib import Path

import pytest

from rebaser.commands.files import make_writable, write_files
from rebaser.errors import InputError


def test_files_are_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_files({"a.json": "{}\n", "b.md": "ä"}, tmp_path / "x" / "y", "done")
    assert {path.name: path.read_text() for path in (tmp_path / "x" / "y").iterdir()} == {"a.json": "{}\n", "b.md": "ä"}


def test_a_directory_that_cannot_be_made_is_a_wrong_input_that_says_what_was_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="nothing was done"):
        make_writable(tmp_path / "file" / "x")
    with pytest.raises(InputError, match="the image itself: rebased"):
        write_files({"a": ""}, tmp_path / "file" / "x", "the image itself: rebased")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who alone can give files away")
def test_what_root_writes_belongs_to_the_owner_of_the_place(tmp_path: Path) -> None:
    os.chown(tmp_path, 1001, 1002)
    write_files({"a": ""}, tmp_path / "x" / "y", "done")
    for path in (tmp_path / "x", tmp_path / "x" / "y", tmp_path / "x" / "y" / "a"):
        assert (path.stat().st_uid, path.stat().st_gid) == (1001, 1002)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who alone can give files away")
def test_a_directory_that_was_there_keeps_its_owner(tmp_path: Path) -> None:
    os.chown(tmp_path, 1001, 1001)
    (tmp_path / "mine").mkdir()
    write_files({"a": ""}, tmp_path / "mine", "done")
    assert (tmp_path / "mine").stat().st_uid == (tmp_path / "mine" / "a").stat().st_uid == 0
