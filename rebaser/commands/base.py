"""What commands share: the process as a value, and how it is spoken through. Importing this costs next to nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TextIO

from rebaser.ci.arguments import Arguments
from rebaser.ci.base import CiService
from rebaser.ci.inputs import from_environment
from rebaser.errors import InputError, RebaserError
from rebaser.printable import printable


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The process, as a value: what a test replaces."""

    environment: Mapping[str, str]
    service: CiService

    @property
    def out(self) -> TextIO:
        """Return where results for people go."""
        return self.service.out

    @property
    def err(self) -> TextIO:
        """Return where errors and progress go."""
        return self.service.err


Command = Callable[[Arguments, Surroundings], int]
"""Carries out a parsed command line and returns the exit code."""


def given_texts(arguments: Arguments, here: Surroundings) -> dict[str, str]:
    """Return the texts of all inputs: a flag wins over what the service hands over, and that over a variable."""
    return from_environment(here.environment) | dict(here.service.texts()) | arguments.texts


def say(stream: TextIO, text: str) -> None:
    """Write a line, or several, and make sure that they are out."""
    stream.write(text + "\n")
    stream.flush()


def problem(error: RebaserError) -> str:
    """Return an error as people read it."""
    if isinstance(error, InputError):
        lines = [f"  {wrong.name}: {printable(wrong.message)}\n    → {wrong.remedy}" for wrong in error.problems]
        return "\n".join(["Wrong input:", *lines])
    return f"Failed: {printable(error.message, 2000)}\n  → {error.remedy}\n  ({error.code})"
