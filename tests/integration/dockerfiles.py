"""Builds small Dockerfiles, each only once."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.images.engine import Builder
from tests.images.images import PREFIX, Images


@dataclass(frozen=True)
class Dockerfiles:
    """Dockerfiles on the tiny tree or on one another; all see the files of one directory."""

    images: Images
    context: Path
    _built: set[str] = field(default_factory=set)
    _configs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def build(self, instructions: str, builder: Builder, on: str | None = None, options: tuple[str, ...] = ()) -> str:
        """Build the instructions on a base, and answer the image's tag."""
        text = f"FROM {on or self.images.tiny()}\n{instructions}\n"
        key = hashlib.sha256(f"{builder} {options} {text}".encode()).hexdigest()[:16]
        tag = f"{PREFIX}/dockerfile:{key}"
        if tag not in self._built:
            file = self.context.with_name(f"Dockerfile-{key}")
            file.write_text(text)
            self.images.engine.build(self.context, tag, f"--file={file}", *options, builder=builder)
            self._built.add(tag)
        return tag

    def build_on(self, bases: Sequence[str], text: str, builder: Builder, options: tuple[str, ...] = ()) -> list[str]:
        """Build the same instructions on several bases at once."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(lambda base: self.build(text, builder, base, options), bases))

    def build_all(self, texts: Sequence[str], builder: Builder) -> list[str]:
        """Build several on the tiny tree at once."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(lambda text: self.build(text, builder), texts))

    def config(self, tag: str) -> dict[str, Any]:
        """The config document of what was built here."""
        if tag not in self._configs:
            self._configs[tag] = self.images.engine.config(tag)
        return self._configs[tag]
