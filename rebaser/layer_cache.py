"""Indexes of layers that were read before, in a directory that CI may keep between runs.

Nothing depends on it: what is missing, damaged or not to be written is read from the image again.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rebaser.layers.index import Depth, LayerIndex
from rebaser.layers.stored import FORMAT, decode, encode
from rebaser.oci.digest import Digest, algorithm, encoded
from rebaser.oci.image import Layer

MAX_FILES = 5000  # indexes; the ones not used for longest go first
_LARGEST = 64 << 20  # bytes of one stored index


@dataclass(frozen=True, slots=True)
class LayerCache:
    """A directory of indexes, one file for each layer and depth."""

    directory: Path

    def get(self, layer: Layer, depth: Depth) -> LayerIndex | None:
        """Return the index of a layer; None where it is not there or does not read back."""
        file = self._file(layer, depth)
        try:
            if file.stat().st_size > _LARGEST:
                return None
            index = decode(file.read_bytes(), layer.diff_id)
        except (OSError, ValueError):
            return None
        with suppress(OSError):
            os.utime(file)
        return index

    def put(self, layer: Layer, depth: Depth, index: LayerIndex) -> None:
        """Keep an index; where that is not possible it is not kept."""
        file = self._file(layer, depth)
        part = file.with_suffix(f".{os.getpid()}.part")
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(encode(index))
            part.replace(file)
            self._prune()

    def _prune(self) -> None:
        files = list(self._home.iterdir())
        if len(files) > MAX_FILES:
            for file in sorted(files, key=lambda path: path.stat().st_mtime)[: len(files) - MAX_FILES]:
                file.unlink(missing_ok=True)

    @property
    def _home(self) -> Path:
        return self.directory / f"layers-{FORMAT}"

    def _file(self, layer: Layer, depth: Depth) -> Path:
        digest, contained = layer.descriptor.digest, encoded(Digest(layer.diff_id))
        return self._home / f"{algorithm(digest)}-{encoded(digest)}-{contained[:16]}-{depth.value}"
