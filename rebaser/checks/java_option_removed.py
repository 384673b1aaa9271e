"""H53: the virtual machine is started with an option that the new base's Java refuses."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, shown
from rebaser.contents.java_options import removed_options
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.java import java_version

_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "JAVA_OPTIONS", "_JAVA_OPTIONS", "CATALINA_OPTS")


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = java_version(evidence.original), java_version(evidence.rebased)
    if before is None or after is None or before == after:
        return
    for place, text in _texts(evidence):
        for option in dict.fromkeys(removed_options(text, before, after)):
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"{place} has {printable(option)}, with which Java {after}, the new base's, does not start",
                f"{REBUILD}, without the option.",
                subject=printable(option),
                before=before,
                after=after,
            )


def _texts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield what options may stand in: the command, variables, and the application's scripts."""
    yield "The command", " ".join(evidence.rebased.command)
    for name, value in evidence.rebased.environment.items():
        if name in _VARIABLES:
            yield name, value
    for entry in evidence.own_files:
        if entry.is_executable and entry.whole:
            yield shown(entry.path), entry.whole.decode("utf-8", "replace")


CHECK = LayerCheck("java-option-removed", "Java starts with the options that it is given", _run)
