"""How `smoke-test` becomes tests: each line is one.

A line for the image's /bin/sh; a JSON array as argv; `healthcheck`, the image's own; `structure-test:FILE`, a file of
container-structure-test, which is read at once, so that a wrong one is told with all other wrong inputs.
"""

import json
from pathlib import Path

from rebaser.trial.model import Command, OwnHealthcheck, SmokeTest, StructureFile

MAX_TESTS = 20  # lines
MAX_LINE = 32 * 1024  # characters; Linux takes 128 KiB for one argument
_FILE = "structure-test:"


def parse_smoke_tests(text: str) -> tuple[SmokeTest, ...]:
    """Return the tests, in their order.

    Raises:
        ValueError: there are too many, a line cannot be a test, or a file is not one of container-structure-test.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_TESTS:
        raise ValueError(f"there are more than {MAX_TESTS} lines, and each is a test")
    return tuple(map(_test, lines))


def _test(line: str) -> SmokeTest:
    if len(line) > MAX_LINE or "\0" in line:
        raise ValueError("a line is too long, or has a NUL in it")
    if line == "healthcheck":
        return OwnHealthcheck()
    if line.startswith(_FILE):
        return _file(line.removeprefix(_FILE).strip())
    argv = _array(line)
    return Command(argv, line) if argv is not None else Command(("/bin/sh", "-c", line), line)


def _array(line: str) -> tuple[str, ...] | None:
    """Return the argv that a line is; None where it is for the shell, as `[ -f /app ]` is, which is no JSON."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        if line.startswith('["'):
            raise ValueError(f"{line[:100]!r} begins like a JSON array and is none") from None
        return None
    if not isinstance(value, list):
        return None
    if not value or not value[0] or not all(isinstance(word, str) and "\0" not in word for word in value):
        raise ValueError(f"{line[:100]!r} is not an array of texts, the first of them a program")
    return tuple(value)


def _file(path: str) -> StructureFile:
    from rebaser.trial.structure import MAX_FILE, parse_structure

    try:
        with Path(path).open("rb") as opened:
            content = opened.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        return StructureFile(path, parse_structure(content, name=path))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
