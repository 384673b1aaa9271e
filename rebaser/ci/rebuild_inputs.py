"""How the inputs of a rebuild become values: `file`, `target`, `build-args`, `secrets`, `builder`, `allowed-sources`.

Shapes are those of docker/build-push-action. A variable without a value is refused, as it would be taken from an
environment that the builder does not get.
"""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from rebaser.context import GitRepository, parse_repository
from rebaser.recipe import Rebuild, Recipe, Secret

MAX_VALUES = 1000  # arguments or secrets
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_SECRET_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_STAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_BUILDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_SECRET_ENDINGS = {"TOKEN", "PASSWORD", "PASSWD", "SECRET", "APIKEY", "CREDENTIALS"}
_READER = "BUILDKIT_SYNTAX"


def parse_target(text: str) -> str:
    """Return the stage to build, by name or number.

    Raises:
        ValueError: no stage can be called so.
    """
    if not _STAGE.fullmatch(text):
        raise ValueError(f"{text[:100]!r} cannot be a stage")
    return text


def parse_builder(text: str) -> str:
    """Return which builder is wanted: `buildkit`, `classic`, `buildah`, or an instance of buildx.

    Raises:
        ValueError: none can be called so.
    """
    if not _BUILDER.fullmatch(text):
        raise ValueError(f"{text[:100]!r} cannot be the name of a builder")
    return text


def parse_build_args(text: str) -> tuple[tuple[str, str], ...]:
    """Return the build arguments that lines of `NAME=value` give; of a name given twice the last.

    Raises:
        ValueError: a line is not of that form, its value would be seen in the image though its name says secret, or it
            chooses the program that reads the Dockerfile.
    """
    found = {}
    for line in _records(text):
        name, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise ValueError(f"{name[:100]!r} has no value; each line is NAME=value")
        if name == _READER:
            raise ValueError(f"{_READER} would choose the program that reads the Dockerfile")
        if name.upper().rpartition("_")[2] in _SECRET_ENDINGS:
            raise ValueError(f"{name} would stand in the image's history for everybody to read; give it in `secrets`")
        found[name] = value
    return tuple(found.items())


def parse_secrets(text: str) -> tuple[Secret, ...]:
    """Return the secrets that lines of `id=value` give; a value in quotes may have several lines.

    Raises:
        ValueError: a line is not of that form. No value is in the message.
    """
    found = {}
    for line in _records(text):
        key, equals, value = line.partition("=")
        if not equals or not value or not _SECRET_ID.fullmatch(key):
            raise ValueError("a line is not of the form id=value")
        found[key] = Secret(key, value)
    return tuple(found.values())


def parse_allowed_sources(text: str) -> tuple[GitRepository, ...]:
    """Return the repositories that lines or commas name.

    Raises:
        ValueError: one of them is no address of a repository.
    """
    return tuple(parse_repository(part.strip()) for part in re.split(r"[\n,]", text) if part.strip())


def rebuild_of(values: Mapping[str, Any]) -> Rebuild | None:
    """Return the rebuild that the parsed inputs make; None without a `context`, which is None itself for `auto`."""
    if "context" not in values:
        return None
    recipe = Recipe(
        values.get("file", ""),
        values.get("target", ""),
        values.get("build-args", ()),
        values.get("secrets", ()),
        values.get("builder", ""),
    )
    return Rebuild(values["context"], recipe, values.get("allowed-sources", ()))


def _records(text: str) -> list[str]:
    """Return lines, of which one that begins with a quote goes on to the next quote, as in a file of values."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\x1f")
    try:
        records = ["\x1f".join(fields) for fields in reader if any(field.strip() for field in fields)]
    except csv.Error as error:
        raise ValueError("a line or a value in quotes is too long or broken") from error
    if len(records) > MAX_VALUES:
        raise ValueError(f"there are more than {MAX_VALUES} lines")
    return [record.lstrip() for record in records]
