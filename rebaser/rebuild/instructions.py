"""A Dockerfile as instructions: which lines belong together, and where each character of them stands in the file.

The Dockerfile reference: parser directives, comments, line continuation, here-documents.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from rebaser.errors import RebuildError
from rebaser.printable import printable

MAX_DOCKERFILE: Final = 512 * 1024  # bytes; those that people write have a few thousand
_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(\S.*)")
_HEREDOC = re.compile(r"[0-9]*<<(-?)([^<]+)")
_WITH_HEREDOCS = {"ADD", "COPY", "RUN"}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction on one line, as `text`, without its continuations; `line` is where it begins, from 1.

    `pieces` are pairs of where a part of `text` begins in it, and where that part begins in the file.
    """

    keyword: str
    text: str
    line: int
    pieces: tuple[tuple[int, int], ...]

    def place(self, position: int) -> int:
        """Return where in the file the character at `position` of `text` stands."""
        begin, there = self.pieces[bisect_right(self.pieces, position, key=itemgetter(0)) - 1]
        return there + position - begin


@dataclass(frozen=True, slots=True)
class Script:
    """A Dockerfile: its text with every byte kept, its directives, its instructions."""

    content: str
    escape: str
    syntax: str
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int
    number: int


def read_script(content: bytes) -> Script:
    """Return the instructions of a Dockerfile.

    Raises:
        RebuildError: it is too large, or a directive or a here-document is broken.
    """
    if len(content) > MAX_DOCKERFILE:
        raise unreadable(0, f"it has more than {MAX_DOCKERFILE} bytes")
    text = content.decode("utf-8", "surrogateescape")
    directives = _directives(text)
    escape = directives.get("escape", "\\")
    if escape not in ("\\", "`"):
        raise unreadable(1, f"the directive escape names {escape}, which is neither a backslash nor a backtick")
    instructions = tuple(_instructions(_lines(text), escape))
    return Script(text, escape, directives.get("syntax", "") or _other_syntax(text), instructions)


def unreadable(line: int, what: str) -> RebuildError:
    """Return the error for a Dockerfile that cannot be understood; line 0 is the whole of it."""
    where = f"Line {line} of the Dockerfile" if line else "The Dockerfile"
    remedy = "Correct the Dockerfile, or name another in `file`."
    return RebuildError("dockerfile-invalid", f"{where} cannot be used: {printable(what)}", remedy)


def words(text: str, start: int, escape: str) -> tuple[tuple[int, int], ...]:
    """Return where the words of `text` from `start` begin and end; white space in quotes, or escaped, parts none.

    A quote that is not closed makes them none at all.
    """
    found: list[tuple[int, int]] = []
    begin, quote, position = -1, "", start
    while position < len(text):
        character = text[position]
        if begin >= 0 and not quote and character.isspace():
            found.append((begin, position))
            begin = -1
        elif not character.isspace() and begin < 0:
            begin = position
        if character == escape and quote != "'":
            position += 1
        elif character in "'\"" and quote in ("", character):
            quote = "" if quote else character
        position += 1
    if begin >= 0:
        found.append((begin, len(text)))
    return () if quote else tuple(found)


def _lines(text: str) -> Iterator[_Line]:
    start, number = 0, 1
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        begin = start + 1 if start == 0 and text.startswith("\ufeff") else start
        yield _Line(text[begin:end].removesuffix("\r"), begin, number)
        start, number = end + 1, number + 1


def _directives(text: str) -> dict[str, str]:
    """Return what the first lines direct; the first that is no directive ends them."""
    found: dict[str, str] = {}
    for line in _lines(text):
        match = _DIRECTIVE.fullmatch(line.text.strip())
        if match is None or match[1].lower() not in ("syntax", "escape", "check"):
            break
        if match[1].lower() in found:
            raise unreadable(line.number, f"the directive {match[1]} is given twice")
        found[match[1].lower()] = match[2].strip()
    return found


def _other_syntax(text: str) -> str:
    """Return the frontend that BuildKit also finds: after a line `#!`, behind `//`, or as a member of a JSON object."""
    lines = [line.text.strip() for line in _lines(text[: MAX_DOCKERFILE // 16])]
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    for line in lines:
        match = re.fullmatch(r"(?:#|//)[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(\S.*)", line)
        if match is None:
            break
        if match[1].lower() == "syntax":
            return match[2]
    return "unknown, in a JSON object" if lines and lines[0].startswith("{") else ""


def _instructions(lines: Iterator[_Line], escape: str) -> Iterator[Instruction]:
    for line in lines:
        if line.text.strip() and not line.text.lstrip().startswith("#"):
            instruction = _joined(line, lines, escape)
            if instruction is not None:
                _skip_bodies(instruction, lines)
                yield instruction


def _joined(first: _Line, lines: Iterator[_Line], escape: str) -> Instruction | None:
    indent = len(first.text) - len(first.text.lstrip())
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    length = 0
    for text, start in _continued(_Line(first.text[indent:], first.start + indent, first.number), lines, escape):
        pieces.append((length, start))
        parts.append(text)
        length += len(text)
    text = "".join(parts)
    keyword = text.split(maxsplit=1)[0].upper() if text.strip() else ""
    return Instruction(keyword, text, first.number, tuple(pieces)) if keyword else None


def _continued(line: _Line, lines: Iterator[_Line], escape: str) -> Iterator[tuple[str, int]]:
    """Yield the parts of one instruction; comments and empty lines between them are left out."""
    current: _Line | None = line
    while current is not None:
        bare = current.text.rstrip(" \t")
        more = bare.endswith(escape) and not bare.endswith(escape * 2)
        yield (bare[:-1] if more else current.text), current.start
        current = next((line for line in lines if _carries_on(line)), None) if more else None


def _carries_on(line: _Line) -> bool:
    bare = line.text.strip()
    return bool(bare) and not bare.startswith("#")


def _skip_bodies(instruction: Instruction, lines: Iterator[_Line]) -> None:
    """Pass over the here-documents of an instruction: nothing in them is one."""
    for tabs, name in _heredocs(instruction):
        if not any((line.text.lstrip("\t") if tabs else line.text) == name for line in lines):
            raise unreadable(instruction.line, f"its here-document is not ended by {name}")


def _heredocs(instruction: Instruction) -> Iterator[tuple[bool, str]]:
    keyword, _, rest = instruction.text.lstrip().partition(" ")
    if keyword.upper() == "ONBUILD":
        keyword, _, rest = rest.lstrip().partition(" ")
    if keyword.upper() not in _WITH_HEREDOCS or "<<" not in rest or _is_json_list(rest):
        return
    for begin, end in words(rest, 0, "\\"):
        match = _HEREDOC.fullmatch(rest, begin, end)
        name = match[2].replace('"', "").replace("'", "") if match else ""
        if match and name:
            yield bool(match[1]), name


def _is_json_list(text: str) -> bool:
    if not text.lstrip().startswith("["):
        return False
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False
