"""Builds small Dockerfiles, each only once."""

import hashlib
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
            (self.context / "Dockerfile").write_text(text)
            self.images.engine.build(self.context, tag, *options, builder=builder)
            self._built.add(tag)
        return tag

    def config(self, tag: str) -> dict[str, Any]:
        """The config document of what was built here."""
        if tag not in self._configs:
            self._configs[tag] = self.images.engine.config(tag)
        return self._configs[tag]
