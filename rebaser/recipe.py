"""What a rebuild is told: which Dockerfile, which stage, which arguments and secrets, by which builder.

Names and shapes are those of docker/build-push-action. Nothing is read or started yet.
"""

from dataclasses import dataclass, field


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
