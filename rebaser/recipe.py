"""What a rebuild is told: which source, which Dockerfile, which stage, which arguments and secrets, by which builder.

Names and shapes are those of docker/build-push-action. Nothing is read or started yet.
"""

from dataclasses import dataclass, field
from pathlib import Path

from rebaser.context import GitRepository, GitSource


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that instructions mount by its `id`. Its value is in no text that is made of it."""

    id: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an image is built. `file` is where its Dockerfile is, empty for `Dockerfile` in the context.

    `builder` is `buildkit`, `classic`, `buildah`, or the name of an instance of buildx; empty for whatever is at hand.
    """

    file: str = ""
    target: str = ""
    build_args: tuple[tuple[str, str], ...] = ()
    secrets: tuple[Secret, ...] = ()
    builder: str = ""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """From which source an image is built, and how. Without `context`, from the one that the image's labels say.

    That one has to be the running repository, or one of `allowed`.
    """

    context: Path | GitSource | None
    recipe: Recipe = Recipe()
    allowed: tuple[GitRepository, ...] = ()


@dataclass(slots=True)
class Work:
    """What is known of a build so far. It grows while that goes on, so that a failure can be told whole.

    `source` is a directory or a repository, `commit` what was fetched of it; `base` is the new base's place as the
    Dockerfile names it; `log` are the builder's last lines, safe to print.
    """

    source: str = ""
    commit: str = ""
    builder: str = ""
    base: str = ""
    log: tuple[str, ...] = ()
