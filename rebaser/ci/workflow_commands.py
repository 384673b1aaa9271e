r"""GitHub's workflow commands: lines of a log that its runner acts on, and how to write lines that it does not.

The runner reads both streams of a container line by line, where a line may end in `\r` or `\n`; it takes `::name::`
at the start of a line, after blanks, and the older `##[name]` anywhere in one.
"""

import re
from collections.abc import Iterable
from typing import TextIO

from rebaser.printable import printable

_WHOLE = 1_000_000  # characters of a line; what is cut has been cut before
_COMMAND = re.compile(r"^(\s*):(?=:)")


def command(name: str, message: str, properties: Iterable[tuple[str, str]] = ()) -> str:
    """Return the line that is the command; nothing in `message` or `properties` can end or change it."""
    told = ",".join(f"{key}={_property(value)}" for key, value in properties)
    return f"::{name}{' ' + told if told else ''}::{_data(message)}\n"


def harmless(text: str) -> str:
    """Return lines that say the same to people, and nothing to the runner."""
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    shown = _COMMAND.sub(r"\1\\x3a", printable(line, _WHOLE))
    return shown.replace("##[", r"#\x23[")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


class Harmless:
    """A stream whose text is never a command. Whole lines should be written at once; a part of one is escaped too."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text, escaped; answers how much of it."""
        self._stream.write(harmless(text))
        return len(text)

    def flush(self) -> None:
        """Make sure that it is out."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Answer that nobody sits before it."""
        return False
