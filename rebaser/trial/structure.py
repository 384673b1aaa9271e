"""What a file of container-structure-test asks for. Its README is the specification, schemaVersion 2.0.0.

What is not done here is refused by name: license tests, and options of the container that would give it rights, mounts
or variables of this machine.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from rebaser.printable import printable
from rebaser.trial.patterns import compiled

MAX_FILE = 256 * 1024  # bytes; one written by hand has a few thousand
MAX_TESTS = 200  # of one kind in one file
_MAX_PROBLEMS = 5  # that are told at once

Pattern = Annotated[str, AfterValidator(lambda text: compiled(text) and text)]
Filled = Annotated[str, Field(min_length=1)]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=MAX_TESTS)]
Words = Annotated[tuple[str, ...], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, coerce_numbers_to_str=True)


class Variable(_Part):
    """A variable of the environment, and what it is set to."""

    key: Filled
    value: str = ""


class Expected(_Part):
    """A variable or a label, and what it is to be, or what its value is to match."""

    key: Filled
    value: str = ""
    is_regex: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.is_regex:
            compiled(self.value)
        return self


class CommandTest(_Part):
    """A command and what it is to print; `setup` runs before it, and `teardown` after it."""

    name: Filled
    setup: Annotated[tuple[Words, ...], Field(max_length=MAX_TESTS)] = ()
    teardown: Annotated[tuple[Words, ...], Field(max_length=MAX_TESTS)] = ()
    env_vars: tuple[Variable, ...] = ()
    command: Filled
    args: tuple[str, ...] = ()
    exit_code: int = 0
    expected_output: Patterns = ()
    excluded_output: Patterns = ()
    expected_error: Patterns = ()
    excluded_error: Patterns = ()


class FileExistenceTest(_Part):
    """What stands at a path, or that nothing does."""

    name: Filled
    path: Filled
    should_exist: bool = True
    permissions: str = ""
    uid: int | None = None
    gid: int | None = None
    is_executable_by: Literal["", "owner", "group", "other", "any"] = ""


class FileContentTest(_Part):
    """What a file is to hold."""

    name: Filled
    path: Filled
    expected_contents: Patterns = ()
    excluded_contents: Patterns = ()


class MetadataTest(_Part):
    """What the config is to say. A list that is not given is not looked at; an empty `cmd` is to be empty."""

    env_vars: tuple[Expected, ...] = Field(default=(), validation_alias=AliasChoices("envVars", "env"))
    unbound_env_vars: tuple[Variable, ...] = ()
    labels: tuple[Expected, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    unexposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    unmounted_volumes: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    workdir: str = ""
    user: str = ""


class RunOptions(_Part):
    """How the containers are started."""

    user: str = ""


class Structure(_Part):
    """A whole file."""

    schema_version: Literal["2.0.0"]
    global_env_vars: tuple[Variable, ...] = ()
    command_tests: Annotated[tuple[CommandTest, ...], Field(max_length=MAX_TESTS)] = ()
    file_existence_tests: Annotated[tuple[FileExistenceTest, ...], Field(max_length=MAX_TESTS)] = ()
    file_content_tests: Annotated[tuple[FileContentTest, ...], Field(max_length=MAX_TESTS)] = ()
    metadata_test: MetadataTest | None = None
    container_run_options: RunOptions = RunOptions()


def parse_structure(content: bytes, *, name: str) -> Structure:
    """Return the tests of a file; JSON if its `name` ends so, else YAML.

    Raises:
        ValueError: it is too large, not of that form, has a member that is not known here, or holds no test.
    """
    if len(content) > MAX_FILE:
        raise ValueError(f"it has more than {MAX_FILE} bytes")
    try:
        found = Structure.model_validate(_read_json(content) if name.endswith(".json") else _read_yaml(content))
    except ValidationError as error:
        raise ValueError("; ".join(_problems(error))) from error
    if not (found.command_tests or found.file_existence_tests or found.file_content_tests or found.metadata_test):
        raise ValueError("it holds no test")
    return found


def _read_json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON: {printable(str(error))}") from error


def _read_yaml(content: bytes) -> object:
    """Return what YAML says; aliases are refused, since a few of them can stand for more than fits in memory."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, yaml.SafeLoader)):
            raise ValueError("it has aliases (*name), which are not read here; write the values out")
        return yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError, UnicodeError) as error:
        raise ValueError(f"it is not YAML: {printable(str(error))}") from error


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors()[:_MAX_PROBLEMS]:
        where = ".".join(map(str, problem["loc"]))
        what = "is not known here" if problem["type"] == "extra_forbidden" else problem["msg"]
        yield printable(f"{where}: {what}")
