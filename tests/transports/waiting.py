"""Spoils what waits in the temporary directory of a place that takes images only whole."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rebaser.oci.digest import Digest, algorithm, encoded


def spoiler(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Digest, bytes], None]:
    """Let what waits be somewhere in `directory`; return what replaces the bytes of a digest there."""
    waiting = directory / "waiting"
    waiting.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(waiting))

    def spoil(digest: Digest, content: bytes) -> None:
        (path,) = waiting.glob(f"*/blobs/{algorithm(digest)}/{encoded(digest)}")
        path.write_bytes(content)

    return spoil
