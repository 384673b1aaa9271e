r"""The first line of a script: which program the kernel starts for it, and which one that program looks for.

Linux reads 256 bytes, splits off one argument and trims blanks; nothing else is cut away. A line of a DOS file ends in
`\r`, which then is part of the interpreter's name: such a script does not run, and that is what is answered here.
"""

from collections import deque
from dataclasses import dataclass, field

_READ = 256  # bytes that the kernel looks at; without a newline among them, the last is taken for the end
_BLANKS = b" \t"
_ENV_VALUE_OPTIONS = ("u", "C", "a")  # each takes a value: the rest of its word, or the next word
_ENV_LONG_VALUE_OPTIONS = ("--unset", "--chdir", "--argv0")
_ESCAPES = {"f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SEPARATORS = " \t\n\r\f\v"
_UNKNOWN = "\0"  # stands for a variable's value, which only the running system knows; no name holds it


@dataclass(frozen=True, slots=True)
class Shebang:
    """What the first line of a script says.

    `interpreter` is the path that the kernel opens, `argument` all that follows it as the one word it becomes.
    `program` is what has to be found in the end: the interpreter, or what `env` looks for; a path if it holds a slash,
    else a name in PATH, and empty when the line does not tell.
    """

    interpreter: str
    argument: str
    program: str


def read_shebang(first: bytes) -> Shebang | None:
    """Return what the `first` bytes of a file say, None when the kernel would not take it for a script."""
    line = _line(first[:_READ])
    if line is None:
        return None
    name, _, rest = line.replace(b"\t", b" ").partition(b" ")
    interpreter = _text(name.partition(b"\0")[0])
    if not interpreter:
        return None
    argument = _text(line[len(line) - len(rest) :].lstrip(_BLANKS).partition(b"\0")[0]) if b"\0" not in name else ""
    is_env = interpreter.rpartition("/")[2] == "env"
    return Shebang(interpreter, argument, _looked_for(argument) if is_env else interpreter)


def _line(head: bytes) -> bytes | None:
    """Return the line without its `#!` and blanks at both ends, None where the kernel refuses it."""
    if not head.startswith(b"#!"):
        return None
    line, newline, _ = head[2:].partition(b"\n")
    line = line.lstrip(_BLANKS)
    if not newline and len(head) == _READ:
        if not any(end in line for end in (b" ", b"\t", b"\0")):
            return None  # the name may be cut off
        line = line[:-1]
    return line.rstrip(_BLANKS)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _looked_for(argument: str) -> str:
    """Return what `env argument script` runs, empty when it is unknown, or the script itself."""
    words = deque([argument] if argument else [])
    while words and words[0].startswith("-"):
        word = words.popleft()
        if word == "--":
            break
        _option(word, words)
    while words and "=" in words[0]:
        words.popleft()
    return words[0] if words and _UNKNOWN not in words[0] else ""


def _option(word: str, following: deque[str]) -> None:
    """Take what belongs to an option of env from the words that follow; put those it wants split in their place."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if name == "--split-string":
            _put_split(value if equals else _next(following), following)
        elif name in _ENV_LONG_VALUE_OPTIONS and not equals:
            _next(following)
        return
    for position, letter in enumerate(word[1:], start=2):
        if letter == "S":
            _put_split(word[position:] or _next(following), following)
        elif letter in _ENV_VALUE_OPTIONS and not word[position:]:
            _next(following)
        if letter == "S" or letter in _ENV_VALUE_OPTIONS:
            return


def _next(words: deque[str]) -> str:
    return words.popleft() if words else ""


def _put_split(text: str, following: deque[str]) -> None:
    following.extendleft(reversed(_Splitting(text).words()))


@dataclass(slots=True)
class _Splitting:
    """A string on its way to words, by the rules of `env -S`."""

    text: str
    position: int = 0
    quote: str = ""
    word: str | None = None
    done: list[str] = field(default_factory=list)

    def words(self) -> list[str]:
        """Return the words; none when env would reject the string."""
        while self.position < len(self.text):
            character = self.text[self.position]
            self.position += 1
            if not self._take(character):
                return []
        self._end_word()
        return [] if self.quote else self.done

    def _take(self, character: str) -> bool:
        if character == "\\":
            return self._escape()
        if character == "$" and self.quote != "'":
            return self._variable()
        if character == self.quote or (not self.quote and character in "'\""):
            self.quote = "" if self.quote else character
            self._add("")
        elif self.quote:
            self._add(character)
        elif character in _SEPARATORS:
            self._end_word()
        elif character == "#" and self.word is None:
            self.position = len(self.text)
        else:
            self._add(character)
        return True

    def _escape(self) -> bool:
        letter = self.text[self.position : self.position + 1]
        self.position += 1
        if self.quote == "'":
            self._add(letter if letter in ("\\", "'") else "\\" + letter)
        elif letter == "_" and not self.quote:
            self._end_word()
        elif letter == "c" and not self.quote:
            self.position = len(self.text)
        elif letter in ("\\", "'", '"', "#", "$"):
            self._add(letter)
        elif letter == "_" or letter in _ESCAPES:
            self._add(_ESCAPES.get(letter, " "))
        else:
            return False
        return True

    def _variable(self) -> bool:
        end = self.text.find("}", self.position)
        if self.text[self.position : self.position + 1] != "{" or end < 0:
            return False
        self.position = end + 1
        self._add(_UNKNOWN)
        return True

    def _add(self, characters: str) -> None:
        self.word = (self.word or "") + characters

    def _end_word(self) -> None:
        if self.word is not None:
            self.done.append(self.word)
        self.word = None
