r"""Which instructions of its Dockerfile the application ran itself, read from its own history entries.

An instruction wins over the base's value even when both are equal, and only history tells. Each builder writes its
own form; what none of them writes proves nothing:

    classic    /bin/sh -c #(nop)  ENV A=1 B=two words       the shell is the current SHELL
    BuildKit   ENV A=1 B=two words                          with the comment buildkit.dockerfile.v0
    RUN        /bin/sh -c make, |1 X=y /bin/sh -c make, RUN /bin/sh -c make # buildkit
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rebaser.oci.config import HistoryEntry

Builder = Literal["classic", "buildkit", "other"]
"""`other` writes plain instructions as BuildKit does, without its comment (kaniko)."""

_KEYWORDS = (
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|"
    "VOLUME|WORKDIR"
)
_CLASSIC = re.compile(rf"[^\n]*?#\(nop\) +({_KEYWORDS})(?: +|$)(.*)", re.DOTALL)
_PLAIN = re.compile(rf"({_KEYWORDS})(?: +|$)(.*)", re.DOTALL)
_RUN = re.compile(r"(?:\|\d+ .*|/\S+( .*)?|(?:cmd|powershell|pwsh) .*)", re.DOTALL)
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?", re.IGNORECASE)
_SOURCE = re.compile(r"[\"']|[^\s$\\]{0,255}[$\\]")  # buildah and kaniko keep quotes and variables as they were written
_MAX_RANGES = 500  # of ports; more of them only cost time
_MAX_WORDS = 8  # of a label's name or a volume's path; one with more blanks in it is not recognized

_INHERITED = frozenset(
    {
        "ArgsEscaped",
        "Cmd",
        "Entrypoint",
        "Env",
        "ExposedPorts",
        "Healthcheck",
        "Labels",
        "OnBuild",
        "Shell",
        "StopSignal",
        "StopTimeout",
        "User",
        "Volumes",
        "WorkingDir",
    }
)
_INHERITED_BY_CLASSIC = frozenset({"AttachStdin", "Domainname", "Hostname", "MacAddress", "NetworkDisabled", "Tty"})


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, with its arguments as the builder recorded them: variables expanded, quotes removed."""

    keyword: str
    arguments: str
    made_layer: bool

    def depends_on(self, keyword: Literal["WORKDIR", "USER"]) -> bool:
        """Answer whether the files that it made depend on the working directory, or on the user, that it ran under."""
        if self.keyword in ("COPY", "ADD"):
            destination = self.arguments.removesuffix("# buildkit").strip().rpartition(" ")[2]
            return keyword == "WORKDIR" and not destination.startswith("/")
        return self.made_layer and self.keyword in ("RUN", "WORKDIR")


@dataclass(frozen=True, slots=True)
class Replay:
    """The application's own instructions, in order, and the kind of builder that ran them."""

    builder: Builder
    instructions: tuple[Instruction, ...]

    def arguments(self, keyword: str) -> tuple[str, ...]:
        """Return the arguments of every `keyword` instruction, in order."""
        return tuple(step.arguments for step in self.instructions if step.keyword == keyword)

    def ran(self, keyword: str) -> bool:
        """Answer whether the application ran the instruction at all."""
        return any(step.keyword == keyword for step in self.instructions)

    def built_under_base(self, keyword: Literal["WORKDIR", "USER"]) -> bool:
        """Answer whether a step before the first `keyword` may have put other files under another base's value."""
        before = itertools.takewhile(lambda step: step.keyword != keyword, self.instructions)
        return any(step.depends_on(keyword) for step in before)

    def ran_before(self, first: str, then: str) -> bool:
        """Answer whether a `first` instruction preceded the last `then` instruction."""
        keywords = [step.keyword for step in self.instructions]
        return first in keywords and then in keywords[keywords.index(first) :]

    def inherits(self, member: str) -> bool:
        """Answer whether the builder hands down that member of a base's `config`; it drops what it doesn't know."""
        if not self.instructions or self.builder == "other" or member in _INHERITED:
            return True
        return self.builder == "classic" and member in _INHERITED_BY_CLASSIC

    def inherits_at_top(self, member: str) -> bool:
        """Answer whether the builder hands down that top-level member of a base's config document."""
        return not self.instructions or self.builder == "other" or (member == "author" and self.builder == "buildkit")

    def assigned(self, keyword: Literal["ENV", "LABEL"], values: Mapping[str, str]) -> tuple[str, ...]:
        """Return those names of `values` that ENV or LABEL set to their value, in the order in which they first did."""
        last: dict[str, tuple[str, int]] = {}
        for arguments in self.arguments(keyword):
            for name, at in _assigned(arguments):
                if name in values:
                    last[name] = arguments, at  # a dict keeps the place of the first
        return tuple(name for name, (arguments, at) in last.items() if _holds(arguments, at, values[name]))

    def volumes(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of `names` that VOLUME declared."""
        wanted = frozenset(names)
        listed = [arguments.removeprefix("[").removesuffix("]") for arguments in self.arguments("VOLUME")]
        return frozenset(path for paths in listed for path in _runs_of_words(paths) if path in wanted)

    def ports(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of `names`, like `80/tcp`, that EXPOSE declared."""
        texts = {text for arguments in self.arguments("EXPOSE") for text in _PORTS.findall(arguments)}
        told: dict[str, set[int]] = {"tcp": set(), "udp": set(), "sctp": set()}
        for first, last, protocol in sorted(texts)[:_MAX_RANGES]:
            told[protocol.lower() or "tcp"].update(range(int(first), int(last or first) + 1))
        pairs = ((name, *name.partition("/")[::2]) for name in names)
        return frozenset(name for name, port, kind in pairs if port.isdecimal() and int(port) in told.get(kind, ()))


def read_replay(entries: Sequence[HistoryEntry]) -> Replay | None:
    """Return the instructions that `entries` tell of, None when one of them was not written by a Dockerfile builder."""
    instructions = [_instruction(entry) for entry in entries]
    known = tuple(step for step in instructions if step)
    return Replay(_builder(entries), known) if len(known) == len(instructions) else None


def _builder(entries: Sequence[HistoryEntry]) -> Builder:
    if any((entry.comment or "").startswith("buildkit.") for entry in entries):
        return "buildkit"
    plain = any(_PLAIN.fullmatch(entry.created_by or "") for entry in entries)
    return "other" if plain else "classic"


def _instruction(entry: HistoryEntry) -> Instruction | None:
    text = entry.created_by or ""
    match = _CLASSIC.fullmatch(text) or _PLAIN.fullmatch(text)
    if match:
        return Instruction(match[1], match[2].rstrip(), not entry.is_empty)
    return Instruction("RUN", text, not entry.is_empty) if _RUN.fullmatch(text) else None


def _assigned(arguments: str) -> Iterator[tuple[str, int]]:
    """Yield every text that may be a name in `A=1 B=two words C=x`, and where its value would begin.

    Quotes are lost, so `two words C` may be one.
    """
    at = 0
    for text in arguments.split("=")[:-1]:
        words, at = text.split(" "), at + len(text) + 1
        yield from ((" ".join(words[-count:]), at) for count in range(min(len(words), _MAX_WORDS), 0, -1))


def _holds(arguments: str, at: int, value: str) -> bool:
    """Answer whether `value` may stand there; what looks like a name inside another's value is followed by another."""
    value = value.rstrip()  # as the arguments are
    end = at + len(value)
    told = arguments.startswith(value, at) and (end == len(arguments) or arguments[end].isspace())
    return told or _SOURCE.match(arguments, at) is not None


def _runs_of_words(text: str) -> Iterator[str]:
    words = text.split(" ")
    return (" ".join(words[at : at + count]) for at in range(len(words)) for count in range(1, _MAX_WORDS + 1))
