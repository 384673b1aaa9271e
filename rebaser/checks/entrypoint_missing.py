"""H67: what the container starts with is not there, cannot be executed, or lacks its interpreter."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.commands import Missing, start
from rebaser.system.model import System
from rebaser.system.shell import started_words


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = _missing(evidence.original), _missing(evidence.rebased)
    for wanted, missing in after.items():
        if wanted not in before:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The container starts with {printable(wanted)}, and {missing.by} wants {printable(missing.wanted)}: "
                f"{missing.why}"
                if missing.wanted != wanted
                else f"The container starts with {printable(wanted)}: {missing.why}",
                f"{REBUILD}, or set the entrypoint in the Dockerfile.",
                subject=printable(wanted),
                before=list(evidence.original.command),
                after=list(evidence.rebased.command),
            )


def _missing(system: System) -> dict[str, Missing]:
    """Return what is missing, by the word that starts it: of the command, and of what a shell or `exec` starts."""
    found = {}
    for word in started_words(system):
        chain = start(system.files, system.path, word, system.directory)
        if isinstance(chain, Missing):
            found[word] = chain
    return found


CHECK = LayerCheck("entrypoint-missing", "What the container starts with is there", _run)
