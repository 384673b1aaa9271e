"""A shell script as words and operators: enough of the grammar of sh and bash to tell what is in command position.

Nothing is expanded. Where the text stops making sense, as within a quote that is never closed, the tokens stop.
"""

import re
from dataclasses import dataclass, field
from typing import TypeAlias

_MAX_DEPTH = 16  # substitutions within substitutions
_OPERATOR = re.compile(r";;&|<<<|&>>|;;|;&|&&|\|\||\|&|<<-|<<|>>|<&|>&|<>|>\||&>|[;&|()<>]")
_PLAIN = re.compile(r"[^\s'\"\\$`;&|()<>#*?\[~{}!]+")
_QUOTED = re.compile(r"[^\"\\$`]+")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^]\s]{0,200}\])?\+?=")
_ARRAY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_NAME = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])")
_PATTERN_CHARACTERS = "*?[~{}"


@dataclass(frozen=True, slots=True)
class Word:
    """A word: what it says once unquoted, `literal` if no part of it is expanded, and the scripts within it.

    `bare` words hold no quote: only those can be reserved words. `assigns` is a word such as `A=1`.
    """

    text: str
    line: int
    literal: bool
    bare: bool
    assigns: bool
    within: tuple["tuple[Token, ...]", ...]


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator such as `&&`, or a line's end as a newline character."""

    text: str
    line: int


Token: TypeAlias = Word | Operator


def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of a script, up to where it stops making sense."""
    return _Reader(text).script(closed_by="")


class _StopError(Exception):
    """What follows cannot be understood."""


@dataclass(slots=True)
class _Draft:
    """A word that is being read."""

    line: int
    text: str = ""
    literal: bool = True
    bare: bool = True
    within: list[tuple[Token, ...]] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    line: int = 1
    depth: int = 0
    stopped: bool = False
    documents: list[tuple[str, bool]] = field(default_factory=list)  # here-documents that begin with the next line

    def script(self, closed_by: str) -> tuple[Token, ...]:
        """Return the tokens up to the end, or to the parenthesis that closes a substitution."""
        found: list[Token] = []
        try:
            self._script(found, closed_by)
        except _StopError:
            self.stopped = True
        return tuple(found)

    def _script(self, found: list[Token], closed_by: str) -> None:
        open_parentheses = open_cases = 0
        while True:
            self._skip_blanks()
            if self.at >= len(self.text):
                if closed_by:
                    raise _StopError
                return
            operator = self._operator()
            if operator is None:
                word = self._word()
                found.append(word)
                open_cases += word.bare and (word.text == "case") - (word.text == "esac")
            elif operator.text == ")" and closed_by and not open_parentheses and open_cases <= 0:
                return
            else:
                found.append(operator)
                closes = operator.text == ")" and open_parentheses > 0
                open_parentheses += (operator.text == "(") - closes
                self._after(operator, found)

    def _skip_blanks(self) -> None:
        while self.at < len(self.text):
            if self.text[self.at] in " \t\r":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
                self.line += 1
            elif self.text[self.at] == "#":
                self.at = self._find("\n")
            else:
                return

    def _find(self, wanted: str) -> int:
        found = self.text.find(wanted, self.at)
        return len(self.text) if found < 0 else found

    def _operator(self) -> Operator | None:
        if self.text[self.at] == "\n":
            self.at += 1
            self.line += 1
            return Operator("\n", self.line - 1)
        found = _OPERATOR.match(self.text, self.at)
        if found is None or (found[0] in "<>" and self.text.startswith("(", found.end())):
            return None  # <(…) is a word
        self.at = found.end()
        return Operator(found[0], self.line)

    def _after(self, operator: Operator, found: list[Token]) -> None:
        if operator.text == "\n" and self.documents:
            self._skip_documents()
        elif operator.text in ("<<", "<<-"):
            self._skip_blanks()
            if self.at >= len(self.text) or self.text[self.at] == "\n":
                raise _StopError
            end = self._word()
            self.documents.append((end.text, operator.text == "<<-"))
            found.append(end)

    def _skip_documents(self) -> None:
        for end, indented in self.documents:
            while True:
                if self.at >= len(self.text):
                    raise _StopError
                stop = self._find("\n")
                line = self.text[self.at : stop]
                self.at = min(stop + 1, len(self.text))
                self.line += 1
                if (line.lstrip("\t") if indented else line) == end:
                    break
        self.documents.clear()

    def _word(self) -> Word:
        draft = _Draft(self.line)
        begun = self.at
        while self.at < len(self.text):
            plain = _PLAIN.match(self.text, self.at)
            if plain:
                draft.text += plain[0]
                self.at = plain.end()
            elif not self._special(draft):
                break
        if self.at == begun:
            raise _StopError
        assigns = _ASSIGNMENT.match(self.text, begun, self.at) is not None
        literal = draft.literal or (draft.bare and draft.text == "[")  # a command, and no pattern
        return Word(draft.text, draft.line, literal, draft.bare, assigns, tuple(draft.within))

    def _special(self, draft: _Draft) -> bool:
        """Read one character that means something, and what belongs to it; False where the word ends before it."""
        character = self.text[self.at]
        if character == "'":
            self.at += 1
            self._take(draft, self._find("'"), skip=1)
            draft.bare = False
        elif character == '"':
            self.at += 1
            draft.bare = False
            self._double_quoted(draft)
        elif character == "\\":
            self._escaped(draft)
        elif character in "$`":
            self._expansion(draft)
        elif character in "<>" and self.text.startswith("(", self.at + 1):
            self._nested(draft, 2)
        elif character == "(" and draft.bare and _ARRAY.fullmatch(draft.text):
            self._skip_parentheses(draft)
        elif character in " \t\r\n;&|()<>":
            return False
        else:
            draft.text += character
            draft.literal = draft.literal and character not in _PATTERN_CHARACTERS
            self.at += 1
        return True

    def _take(self, draft: _Draft, end: int, skip: int) -> None:
        """Read up to `end` as it stands, and past the `skip` characters that close it."""
        if end >= len(self.text):
            raise _StopError
        taken = self.text[self.at : end]
        draft.text += taken
        self.line += taken.count("\n")
        self.at = end + skip

    def _escaped(self, draft: _Draft) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if following == "\n":
            self.line += 1
        else:
            draft.text += following
            draft.bare = False

    def _double_quoted(self, draft: _Draft) -> None:
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                self.at += 1
                return
            if character in "$`":
                self._expansion(draft)
            elif character == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`", "\n"):
                self._escaped(draft)
            else:
                quoted = _QUOTED.match(self.text, self.at)
                self._take(draft, quoted.end() if quoted else self.at + 1, skip=0)
        raise _StopError

    def _expansion(self, draft: _Draft) -> None:
        if self.text.startswith("$'", self.at) and draft.bare:
            self._ansi_quoted(draft)
            return
        draft.literal = False
        if self.text[self.at] == "`":
            self._backquoted(draft)
        elif self.text.startswith("$((", self.at):
            self.at += 1
            self._skip_parentheses(draft)
        elif self.text.startswith("$(", self.at):
            self._nested(draft, 2)
        elif self.text.startswith("${", self.at):
            self.at += 2
            self._braced(draft)
        else:
            name = _NAME.match(self.text, self.at)
            self.at = name.end() if name else self.at + 1

    def _ansi_quoted(self, draft: _Draft) -> None:
        draft.literal = draft.bare = False
        self.at += 2
        while self.at < len(self.text) and self.text[self.at] != "'":
            self.line += self.text[self.at] == "\n"
            self.at += 2 if self.text[self.at] == "\\" else 1
        if self.at >= len(self.text):
            raise _StopError
        self.at += 1

    def _nested(self, draft: _Draft, opening: int) -> None:
        """Read a script in parentheses that is part of a word."""
        draft.literal = False
        self.at += opening
        self._deeper()
        kept, self.documents = self.documents, []
        draft.within.append(self.script(closed_by=")"))
        self.documents = kept
        self.depth -= 1
        if self.stopped:
            raise _StopError

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _StopError

    def _backquoted(self, draft: _Draft) -> None:
        end = self.at + 1
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise _StopError
        inside = self.text[self.at + 1 : end]
        self._deeper()
        inner = _Reader(re.sub(r"\\([`\\$])", r"\1", inside), line=self.line, depth=self.depth)
        draft.within.append(inner.script(closed_by=""))
        self.depth -= 1
        self.line += inside.count("\n")
        self.at = end + 1

    def _braced(self, draft: _Draft) -> None:
        """Read past the brace that closes `${`; what it says is not known, but scripts in it are run."""
        self._deeper()
        ignored = _Draft(self.line)
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "}":
                self.at += 1
                self.depth -= 1
                draft.within.extend(ignored.within)
                return
            if character in "$`":
                self._expansion(ignored)
            elif character == '"':
                self.at += 1
                self._double_quoted(ignored)
            else:
                self.line += character == "\n"
                self.at += 2 if character == "\\" else 1
        raise _StopError

    def _skip_parentheses(self, draft: _Draft) -> None:
        """Read past the parenthesis that closes the one here: of an array, or of arithmetic."""
        draft.literal = False
        ignored = _Draft(self.line, bare=False)
        level = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in "'\"\\$`" and self._special(ignored):
                continue
            self.line += character == "\n"
            self.at += 1
            level += (character == "(") - (character == ")")
            if not level:
                draft.within.extend(ignored.within)
                return
        raise _StopError
