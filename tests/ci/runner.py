"""What GitHub's runner makes of a container's log and files: a model to hold the service against."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMAND = re.compile(r"^\s*::(?P<name>[^ :]+)(?: (?P<properties>.*?))?::(?P<message>.*)$")
_LEGACY = re.compile(r"##\[(?P<name>[^ \]]+)[^\]]*\]")


@dataclass
class Log:
    """The commands in a log: name, properties, message; and the lines that are none."""

    commands: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def read_log(text: str) -> Log:
    log = Log()
    for line in re.split(r"\r\n|\r|\n", text):
        found = _COMMAND.match(line)
        if found:
            told = (part.partition("=") for part in (found["properties"] or "").split(",") if part)
            properties = {key: _unescaped(value, in_property=True) for key, _, value in told}
            log.commands.append((found["name"], properties, _unescaped(found["message"], in_property=False)))
        elif _LEGACY.search(line):
            log.commands.append((f"##{line}", {}, line))
        else:
            log.lines.append(line)
    return log


def _unescaped(text: str, *, in_property: bool) -> str:
    pairs = [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if in_property else []), ("%25", "%")]
    for code, sign in pairs:
        text = text.replace(code, sign)
    return text


def read_records(text: str) -> dict[str, str]:
    """Return the names and values of a file such as that of GITHUB_OUTPUT.

    Raises:
        ValueError: as the runner fails the step, when a record is not whole.
    """
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if not line:
            continue
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, _, value = line.partition("=")
            found[name] = value
        elif heredoc > 0:
            name, _, end = line.partition("<<")
            found[name] = "\n".join(_until(lines, end))
        else:
            raise ValueError(f"not a record: {line!r}")
    return found


def _until(lines: Iterator[str], end: str) -> list[str]:
    value: list[str] = []
    for line in lines:
        if line == end:
            return value
        value.append(line)
    raise ValueError(f"{end!r} is missing")
