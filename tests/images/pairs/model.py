"""What a pair is: an application, the base it was built on, the base it is moved to, and how one sees that it works."""

import hashlib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Truth(StrEnum):
    """What the rebased image is, as found by behaviour and by its files."""

    WORKS = "works"
    """The probes pass, and its files are those of the rebuilt image."""
    STALE = "stale"
    """The probes pass, but its files are not those of the rebuilt image."""
    BREAKS = "breaks"
    """A probe passes on the original and fails on the rebased image."""
    VOID = "void"
    """A probe fails on the original: the pair is wrong."""


class How(StrEnum):
    """How a probe starts its container."""

    SHELL = "shell"
    EXECUTE = "execute"
    START = "start"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Probe:
    """One container that has to end with 0 and print what is said. `prints` is None where any output will do."""

    how: How
    arguments: tuple[str, ...] = ()
    prints: str | None = None


def shell(script: str, prints: str | None = None) -> Probe:
    """A script for the image's own shell, which ends at the first failure."""
    return Probe(How.SHELL, (script,), prints)


def executes(*command: str, prints: str | None = None) -> Probe:
    """A program with its arguments, in place of the image's entrypoint and command."""
    return Probe(How.EXECUTE, command, prints)


def starts(*arguments: str, prints: str | None = None) -> Probe:
    """The image as it is configured, with a command of its own if arguments are given."""
    return Probe(How.START, arguments, prints)


def healthy() -> Probe:
    """The image as it is configured becomes healthy, as its health check has it."""
    return Probe(How.HEALTH)


class Ingredient(Protocol):
    """Something made that goes into a build context; its repr says all that it is made of."""

    def put(self, context: Path) -> None:
        """Lay it into the context."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base: a tree, and instructions on it (`FROM ${ROOTFS}` is put before them)."""

    tree: str
    dockerfile: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    ingredients: tuple[Ingredient, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """An application on an old base, the new base, and probes that were written before anything was rebased.

    `truth` is that of the plain stack, as the author found it to be; None where nobody has looked. `dockerfile` is
    whole, and starts from `${BASE}`; it may also use `${BUILDER}` and `${NEXT_BUILDER}`, compilers that stay the same.
    """

    name: str
    old: str
    new: str
    truth: Truth | None
    probes: tuple[Probe, ...]
    dockerfile: str
    files: Mapping[str, str] = field(default_factory=dict)
    ingredients: tuple[Ingredient, ...] = ()


def key(*parts: object) -> str:
    """A short name for what something is made of."""
    return hashlib.sha256("\0".join(map(repr, parts)).encode()).hexdigest()[:16]


def recipe(made_of: object) -> str:
    """All that decides what comes out of an ingredient: what it is, and how it is made."""
    return f"{made_of!r} {inspect.getsource(type(made_of))}"


def file_name(name: str) -> str:
    """The name of a pair as a tag or a directory can have it."""
    return re.sub("[^a-z0-9.]+", "-", name)
