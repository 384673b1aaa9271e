r"""Which instructions of its Dockerfile the application ran itself, read from its own history entries.

An instruction wins over the base's value even when both are equal, and only history tells. Each builder writes its
own form; what none of them writes proves nothing:

    classic    /bin/sh -c #(nop)  ENV A=1 B=two words       the shell is the current SHELL
    BuildKit   ENV A=1 B=two words                          with the comment buildkit.dockerfile.v0
    RUN        /bin/sh -c make, |1 X=y /bin/sh -c make, RUN /bin/sh -c make # buildkit
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rebaser.oci.config import HistoryEntry

Builder = Literal["classic", "buildkit"]

_KEYWORDS = (
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|"
    "VOLUME|WORKDIR"
)
_CLASSIC = re.compile(rf"[^\n]*?#\(nop\) +({_KEYWORDS})(?: +|$)(.*)", re.DOTALL)
_PLAIN = re.compile(rf"({_KEYWORDS})(?: +|$)(.*)", re.DOTALL)
_RUN = re.compile(r"(?:\|\d+ .*|/\S+( .*)?|(?:cmd|powershell|pwsh) .*)", re.DOTALL)
_PORTS = re.compile(r"(\d+)(?:-(\d+))?(?:/([a-z]+))?")
_MAX_PORTS = 70_000


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

    def assigned(self, keyword: str, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of `names` that ENV or LABEL set, in the order in which they were first set."""
        first: dict[str, tuple[int, int]] = {}
        for number, arguments in enumerate(self.arguments(keyword)):
            for name in names:
                match = re.search(rf"(?:^| ){re.escape(name)}=", arguments)
                if match and name not in first:
                    first[name] = (number, match.start())
        return tuple(sorted(first, key=first.__getitem__))

    def volumes(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of `names` that VOLUME declared."""
        listed = [arguments.removeprefix("[").removesuffix("]") for arguments in self.arguments("VOLUME")]
        return frozenset(name for name in names if any(f" {name} " in f" {paths} " for paths in listed))

    def ports(self) -> frozenset[str]:
        """Return the ports that EXPOSE declared, as `80/tcp`."""
        texts = (part for arguments in self.arguments("EXPOSE") for part in _PORTS.findall(arguments))
        return frozenset(port for text in texts for port in _port_range(*text))


def read_replay(entries: Sequence[HistoryEntry]) -> Replay | None:
    """Return the instructions that `entries` tell of, None when one of them was not written by a Dockerfile builder."""
    instructions = [_instruction(entry) for entry in entries]
    known = tuple(step for step in instructions if step)
    if len(known) < len(instructions):
        return None
    buildkit = any((entry.comment or "").startswith("buildkit.") for entry in entries)
    return Replay("buildkit" if buildkit else "classic", known)


def _instruction(entry: HistoryEntry) -> Instruction | None:
    text = entry.created_by or ""
    match = _CLASSIC.fullmatch(text) or _PLAIN.fullmatch(text)
    if match:
        return Instruction(match[1], match[2].rstrip(), not entry.is_empty)
    return Instruction("RUN", text, not entry.is_empty) if _RUN.fullmatch(text) else None


def _port_range(first: str, last: str, protocol: str) -> list[str]:
    ports = range(int(first[:6]), int((last or first)[:6]) + 1)[:_MAX_PORTS]
    return [f"{port}/{protocol or 'tcp'}" for port in ports]
