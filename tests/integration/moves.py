"""An application that was really built, moved onto another base, and all that is needed to judge the outcome."""

from dataclasses import dataclass
from typing import Any

from tests.images.catalog import APPS
from tests.images.engine import Builder
from tests.integration.process import Rebaser, Told
from tests.integration.registries import Registry
from tests.integration.shelf import Shelf


@dataclass(frozen=True)
class Move:
    """One application of the catalogue, and where it is to go."""

    app: str
    new_base: str
    builder: Builder
    registry: str = "distribution"

    def __str__(self) -> str:
        return f"{self.app} to {self.new_base}, {self.builder}, {self.registry}"

    @property
    def old_base(self) -> str:
        return APPS[self.app].old_base

    @property
    def repository(self) -> str:
        return f"apps/{self.app}/{self.builder}/{self.new_base}"


@dataclass(frozen=True)
class Stored:
    """What a registry holds under a tag."""

    digest: str
    manifest: dict[str, Any]
    config: dict[str, Any]

    @property
    def diff_ids(self) -> list[str]:
        found: list[str] = self.config["rootfs"]["diff_ids"]
        return found

    @property
    def layers(self) -> list[str]:
        return [layer["digest"] for layer in self.manifest["layers"]]


@dataclass(frozen=True)
class Moved:
    """The application in the registry before and after, and the same one built on the new base."""

    move: Move
    registry: Registry
    request: tuple[str, ...]
    told: Told
    before: Stored
    after: Stored
    old_base: Stored
    new_base: Stored
    rebuilt: str

    @property
    def reference(self) -> str:
        return self.registry.reference(self.move.repository)

    @property
    def own_diff_ids(self) -> list[str]:
        """The application's own layers."""
        return self.before.diff_ids[len(self.old_base.diff_ids) :]


def stored(registry: Registry, repository: str, tag: str = "latest") -> Stored:
    """Read an image for one platform back from a registry."""
    digest = registry.digest(repository, tag)
    return Stored(digest, registry.manifest(repository, tag), registry.config(repository, tag))


def carry_out(move: Move, shelf: Shelf, registry: Registry, rebaser: Rebaser) -> Moved:
    """Push what is needed, and rebase."""
    old, new = shelf.bases((move.old_base, move.new_base), move.builder, registry)
    image = shelf.app(move.app, move.old_base, move.builder, registry, move.repository)
    before = stored(registry, move.repository)
    request = (image, "--old-base", old, "--new-base", new, "--checks", "config")
    told = rebaser.rebase(*request)
    assert told.code == 0, told.everything
    return Moved(
        move,
        registry,
        request,
        told,
        before,
        stored(registry, move.repository),
        stored(registry, f"bases/{move.old_base}", move.builder),
        stored(registry, f"bases/{move.new_base}", move.builder),
        shelf.images.app(move.app, move.new_base, move.builder),
    )
