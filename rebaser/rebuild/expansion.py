"""Variables in a Dockerfile's words: `$NAME`, `${NAME}`, `${NAME:-word}` and its kin, quotes and escapes.

The Dockerfile reference, "Environment replacement". What only newer frontends know (`${NAME#pattern}`) is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAX_WORD: Final = 4096  # characters of a word when all is replaced; variables that double one another end here
_MAX_NESTING = 10  # of ${A:-${B:-…}}


def expand(word: str, variables: Mapping[str, str], escape: str) -> str:
    """Return `word` with its variables replaced, and without quotes; a variable that is not set is nothing.

    Raises:
        ValueError: it is not well formed, too long, or in a form that is not known here.
    """
    if len(word) > MAX_WORD:
        raise _too_long()
    return _Reader(word, variables, escape).read("", 0)


def _too_long() -> ValueError:
    return ValueError(f"a word has more than {MAX_WORD} characters")


@dataclass(slots=True)
class _Reader:
    word: str
    variables: Mapping[str, str]
    escape: str
    at: int = 0
    grown: int = 0  # characters that came out of variables

    def read(self, until: str, depth: int) -> str:
        """Read to the end, or to the sign `until`, which is passed."""
        parts: list[str] = []
        while not (until and self._next() == until):
            if self.at >= len(self.word):
                if until:
                    raise ValueError(f"{self.word} lacks a {until}")
                return "".join(parts)
            parts.append(self._part(depth))
        self.at += 1
        return "".join(parts)

    def _next(self) -> str:
        return self.word[self.at : self.at + 1]

    def _take(self) -> str:
        self.at += 1
        return self.word[self.at - 1 : self.at]

    def _part(self, depth: int) -> str:
        character = self._take()
        if character == "$":
            return self._variable(depth)
        if character == self.escape:
            return self._take()
        if character == "'":
            return self._literal()
        return self._quoted(depth) if character == '"' else character

    def _literal(self) -> str:
        end = self.word.find("'", self.at)
        if end < 0:
            raise ValueError(f"{self.word} lacks a closing quote")
        begin, self.at = self.at, end + 1
        return self.word[begin:end]

    def _quoted(self, depth: int) -> str:
        parts: list[str] = []
        while self._next() != '"':
            character = self._take()
            if not character:
                raise ValueError(f"{self.word} lacks a closing quote")
            if character == self.escape and self._next() in ('"', "$", self.escape):
                character = self._take()
            elif character == "$":
                character = self._variable(depth)
            parts.append(character)
        self.at += 1
        return "".join(parts)

    def _variable(self, depth: int) -> str:
        if self._next() != "{":
            name = self._name()
            return self._value(name) or "" if name else "$"
        self.at += 1
        name = self._name()
        if not name or depth >= _MAX_NESTING:
            raise ValueError(f"{self.word} has a bad or too deep substitution")
        value = self._value(name)
        if self._next() == "}":
            self.at += 1
            return value or ""
        return self._chosen(name, value, depth)

    def _value(self, name: str) -> str | None:
        value = self.variables.get(name)
        self.grown += len(value or "")
        if self.grown > MAX_WORD:
            raise _too_long()
        return value

    def _chosen(self, name: str, value: str | None, depth: int) -> str:
        """Read what follows the name in `${NAME:-word}`."""
        present = value is not None
        if self._next() == ":":
            self.at += 1
            present = bool(value)
        sign = self._take()
        if not sign:
            raise ValueError(f"{self.word} lacks a }}")
        if sign not in ("-", "+", "?"):
            raise ValueError(f"{self.word} uses ${{{name}{sign}…}}, which is not known here")
        word = self.read("}", depth + 1)
        if sign == "+":
            return word if present else ""
        if present:
            return value or ""
        if sign == "?":
            raise ValueError(f"{name} is not set: {word}")
        return word

    def _name(self) -> str:
        begin = self.at
        while self._next().isascii() and (self._next().isalnum() or self._next() == "_"):
            if self.at == begin and self._next().isdigit():
                break
            self.at += 1
        return self.word[begin : self.at]
