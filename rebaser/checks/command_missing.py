"""H58: a script of the application, or one that the container starts with, uses a command that is gone."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, shown
from rebaser.contents.commands import commands
from rebaser.contents.malformed import MalformedError
from rebaser.layers.entry import Entry
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.commands import Missing, start, which
from rebaser.system.shell import is_shell_script, shell_lines


def _run(evidence: Evidence) -> Iterable[Finding]:
    was, now = evidence.original, evidence.rebased
    for place, body in _scripts(evidence):
        for name, line in _words(body):
            before, after = (
                which(was.files, was.path, name, was.directory),
                which(now.files, now.path, name, now.directory),
            )
            if before is not None and after is None:
                yield Finding(
                    CHECK.id,
                    Severity.BLOCKER,
                    f"{place} uses {printable(name)} in line {line}, which the new base does not have",
                    f"{REBUILD}, or install the command in the Dockerfile.",
                    subject=printable(name),
                    before=before,
                )


def _scripts(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    """Yield what is run at the start, and to see whether it is healthy: scripts, and lines for a shell."""
    system = evidence.rebased
    words = system.command
    chain = start(system.files, system.path, words[0], system.directory) if words else ()
    for entry in () if isinstance(chain, Missing) else chain:
        if _is_read(entry):
            yield shown(entry.path), entry.body or b""
    for entry in evidence.own_files:
        if entry.is_executable and _is_read(entry):
            yield shown(entry.path), entry.body or b""
    for title, line in shell_lines(system.settings):
        yield title, line.encode("utf-8", "surrogateescape")


def _is_read(entry: Entry) -> bool:
    return entry.whole is not None and is_shell_script(entry)


def _words(body: bytes) -> Iterator[tuple[str, int]]:
    try:
        yield from ((command.name, command.line) for command in commands(body))
    except MalformedError:
        return


CHECK = LayerCheck("command-missing", "Commands that start scripts use are there", _run)
