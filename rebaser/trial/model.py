"""What `smoke-test` asks for, and what came of it. Importing this costs little: the command line is read with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from rebaser.oci.platform import Platform

if TYPE_CHECKING:  # start-up: few runs have a file of structure tests
    from rebaser.trial.structure import Structure


@dataclass(frozen=True, slots=True)
class Command:
    """A command in a container of its own: `argv` instead of the image's entrypoint and command.

    `told` is how it was given. `environment` are `NAME=value` on top of the image's; an empty `user` is the image's.
    """

    argv: tuple[str, ...]
    told: str
    environment: tuple[str, ...] = ()
    user: str = ""


@dataclass(frozen=True, slots=True)
class OwnHealthcheck:
    """The image as it starts by itself, until its own health check says that it is well, or not."""

    told: str = "healthcheck"


@dataclass(frozen=True, slots=True)
class StructureFile:
    """A file of container-structure-test, and what stands in it."""

    told: str
    tests: "Structure"


SmokeTest: TypeAlias = Command | OwnHealthcheck | StructureFile


@dataclass(frozen=True, slots=True)
class SmokeResult:
    """What came of one test; `failure` says in words why it failed, and is empty where it passed.

    `exit_code` is None where nothing was run, or it had to be ended. `output` are the last lines, safe to print.
    """

    test: str
    exit_code: int | None
    output: tuple[str, ...]
    seconds: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """All tests of an image, which ran on one of its platforms."""

    platform: Platform
    results: Sequence[SmokeResult]

    @property
    def failed(self) -> tuple[SmokeResult, ...]:
        """Return what failed."""
        return tuple(result for result in self.results if result.failure)
