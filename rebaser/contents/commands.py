"""Which programs a shell script runs by name, as far as reading it can tell.

Rather one too few than one that is not run: only literal words in command position count. Left out are what the shell
does itself, functions of the script, and programs that the script looks for before it uses them.
"""

import itertools
import re
from dataclasses import dataclass, field

from rebaser.contents.malformed import MalformedError
from rebaser.contents.shell_grammar import (
    close,
    is_definition,
    is_operator,
    numbers_redirection,
    past,
    skip_arithmetic,
    skip_patterns,
)
from rebaser.contents.shell_words import Operator, Token, Word, tokens

_MAX_SCRIPT = 256 * 1024  # bytes
_NAME = re.compile(r"(?![0-9]+$)[A-Za-z0-9_./][A-Za-z0-9_./+@:-]{0,254}")

_BUILTIN = """
    . : [ alias bg bind break builtin caller cd command compgen complete compopt continue coproc declare dirs disown
    echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd
    printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset
    ulimit umask unalias unset wait
"""
_BUILTINS = frozenset(_BUILTIN.split())
_BEFORE_COMMAND = frozenset(["if", "then", "else", "elif", "while", "until", "do", "{", "!", "time"])
_AFTER_COMMAND = frozenset(["fi", "done", "esac", "}", "]]"])
_SEPARATORS = frozenset(["\n", ";", "&", "&&", "||", "|", "|&", "(", ")", ";;", ";&", ";;&"])
_BRANCH_ENDS = frozenset([";;", ";&", ";;&"])
_RUN_ANOTHER = frozenset(["exec", "command", "builtin", "env", "nohup", "setsid"])
_LOOK_FOR = frozenset(["which", "type", "hash", "command"])
_TESTS = frozenset(["[", "test", "[["])
_OF_FILES = frozenset(["-x", "-f", "-e"])


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """A program that a script runs: a name to be found in PATH, or a path; and the line where it does so first."""

    name: str
    line: int


def commands(body: bytes) -> tuple[ShellCommand, ...]:
    """Return the programs that the shell script `body` runs, each once, in the order of their first lines.

    Raises:
        MalformedError: it is larger than any script that is read.
    """
    if len(body) > _MAX_SCRIPT:
        raise MalformedError(f"the script has {len(body)} bytes, more than the {_MAX_SCRIPT} that are read")
    walk = _Walk()
    walk.script(tokens(body.decode("utf-8", "surrogateescape")))
    first: dict[str, int] = {}
    for name, line in sorted(walk.run, key=lambda each: each[1]):
        first.setdefault(name, line)
    left_out = _BUILTINS | walk.functions | walk.looked_for
    return tuple(ShellCommand(name, line) for name, line in first.items() if name not in left_out)


def argv0_of_shell_line(line: str) -> str:
    """Return the program that a line of a shell-form CMD or HEALTHCHECK runs first; empty when that cannot be told.

    Assignments, what the shell does itself, and `exec` are passed over: of `cd /app && A=1 exec node x` it is `node`.
    """
    walk = _Walk()
    walk.script(tokens(line[:_MAX_SCRIPT]))
    return next((name for name in walk.top if name not in _BUILTINS), "")


@dataclass(slots=True)
class _Walk:
    """What has been seen of a script; `top` are the words in command position outside of substitutions."""

    run: list[tuple[str, int]] = field(default_factory=list)
    top: list[str] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    looked_for: set[str] = field(default_factory=set)
    depth: int = 0

    def script(self, script: tuple[Token, ...]) -> None:
        at = 0
        branches: list[bool] = []  # of each case or parenthesis that is open, whether it is a case
        while at < len(script):
            token = script[at]
            if isinstance(token, Operator):
                at = self._operator(script, at, branches)
            elif token.bare and token.text == "case":
                branches.append(True)
                at = skip_patterns(script, past(script, at, "in"))
            elif token.bare and token.text == "esac":
                close(branches, is_case=True)
                at = self._skip_command(script, at + 1)
            else:
                at = self._command(script, at)

    def _operator(self, script: tuple[Token, ...], at: int, branches: list[bool]) -> int:
        text = script[at].text
        if text in _BRANCH_ENDS and branches and branches[-1]:
            return skip_patterns(script, at + 1)
        if text == "(":
            if at + 1 < len(script) and is_operator(script[at + 1], "(") and script[at + 1].line == script[at].line:
                return skip_arithmetic(script, at)
            branches.append(False)
        elif text == ")":
            close(branches, is_case=False)
            return self._skip_command(script, at + 1)
        elif text not in _SEPARATORS:
            return at + 2 if at + 1 < len(script) else at + 1  # a redirection and where it goes
        return at + 1

    def _command(self, script: tuple[Token, ...], at: int) -> int:
        """Read on from a word in command position."""
        word = script[at]
        if not isinstance(word, Word):
            return at
        self._substitutions(word)
        if word.assigns or numbers_redirection(script, at):
            return at + 1
        after = self._reserved(script, at, word.text) if word.bare else at
        if after != at:
            return after
        self._runs(word)
        if word.literal and word.text in _RUN_ANOTHER:
            return self._what_it_runs(script, at + 1, word.text)
        return self._skip_command(script, at + 1, word.text)

    def _reserved(self, script: tuple[Token, ...], at: int, text: str) -> int:
        """Read on from a reserved word, or from the name of a function that is defined; `at` where it is neither."""
        if text in _BEFORE_COMMAND:
            at += 1
        elif text in _AFTER_COMMAND:
            at = self._skip_command(script, at + 1)
        elif text in ("for", "select"):
            at = self._skip_loop_head(script, at + 1)
        elif text == "[[":
            at = self._skip_test(script, at + 1)
        elif text == "function" or is_definition(script, at):
            at = self._definition(script, at)
        return at

    def _runs(self, word: Word) -> None:
        known = word.literal and (word.text in _BUILTINS or _NAME.fullmatch(word.text) is not None)
        if not self.depth:
            self.top.append(word.text if known else "")
        if known:
            self.run.append((word.text, word.line))

    def _what_it_runs(self, script: tuple[Token, ...], at: int, runner: str) -> int:
        """Read on after `exec` and the like: at the command that follows, or past it where options come first."""
        while at < len(script):
            word = script[at]
            if not isinstance(word, Word):
                break
            if word.text == "-a" and runner == "exec":
                at += 1
            elif word.text.startswith("-") and word.text != "--":
                return self._skip_command(script, at, runner)
            elif numbers_redirection(script, at):
                return at
            elif word.text != "--" and not word.assigns:
                return self._plain(script, at)
            at += 1
        return at

    def _plain(self, script: tuple[Token, ...], at: int) -> int:
        """Read a command that no reserved word can be."""
        word = script[at]
        if isinstance(word, Word):
            self._substitutions(word)
            self._runs(word)
        return self._skip_command(script, at + 1)

    def _skip_command(self, script: tuple[Token, ...], at: int, name: str = "") -> int:
        """Read past a command's arguments and redirections; what it looks for instead of running is noted."""
        begun = at
        while at < len(script) and not (isinstance(script[at], Operator) and script[at].text in _SEPARATORS):
            self._argument(script[at])
            at += 1
        if name in _LOOK_FOR:
            self.looked_for.update(token.text for token in script[begun:at] if not token.text.startswith("-"))
        elif name in _TESTS:
            self._note_tested(script[begun:at])
        return at

    def _skip_test(self, script: tuple[Token, ...], at: int) -> int:
        """Read up to the `]]` that ends a test."""
        begun = at
        while at < len(script) and not (script[at].text == "]]" and isinstance(script[at], Word)):
            self._argument(script[at])
            at += 1
        self._note_tested(script[begun:at])
        return at

    def _note_tested(self, arguments: tuple[Token, ...]) -> None:
        pairs = itertools.pairwise(arguments)
        self.looked_for.update(tested.text for option, tested in pairs if option.text in _OF_FILES)

    def _argument(self, token: Token) -> None:
        if isinstance(token, Word):
            self._substitutions(token)

    def _skip_loop_head(self, script: tuple[Token, ...], at: int) -> int:
        while at < len(script) and not (isinstance(script[at], Operator) and script[at].text in ("\n", ";")):
            token = script[at]
            if isinstance(token, Operator) and token.text == "(":
                at = skip_arithmetic(script, at)
                continue
            if isinstance(token, Word) and token.bare and token.text == "do":
                return at
            self._argument(token)
            at += 1
        return at

    def _definition(self, script: tuple[Token, ...], at: int) -> int:
        if script[at].text == "function":
            at += 1
        if at < len(script) and isinstance(script[at], Word):
            self.functions.add(script[at].text)
            at += 1
        return at + 2 if is_definition(script, at - 1) else at

    def _substitutions(self, word: Word) -> None:
        self.depth += 1
        for within in word.within:
            self.script(within)
        self.depth -= 1
