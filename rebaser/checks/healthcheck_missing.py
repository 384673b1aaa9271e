"""H69: the health check uses a command that is not there: the container would be restarted without an end."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.commands import Missing, start
from rebaser.system.model import System
from rebaser.system.shell import health_words


def _run(evidence: Evidence) -> Iterable[Finding]:
    before = dict(_missing(evidence.original))
    for word, missing in _missing(evidence.rebased):
        if word not in before:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The health check uses {printable(word)}: {missing.why}",
                f"{REBUILD}, or set a health check in the Dockerfile that the new base can run.",
                subject=printable(word),
                after=missing.wanted,
            )


def _missing(system: System) -> Iterator[tuple[str, Missing]]:
    for word in health_words(system):
        chain = start(system.files, system.path, word, system.directory)
        if isinstance(chain, Missing):
            yield word, chain


CHECK = LayerCheck("healthcheck-missing", "The health check can be run", _run)
