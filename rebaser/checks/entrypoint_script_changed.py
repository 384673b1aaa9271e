"""H68: the base's start script, to which the application hands its command, is another one in the new base."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown
from rebaser.layers.entry import Entry, same_content
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.commands import Missing, start
from rebaser.system.model import System


def _run(evidence: Evidence) -> Iterable[Finding]:
    entrypoint = evidence.rebased.words("Entrypoint")
    if not entrypoint or not evidence.rebased.words("Cmd"):
        return
    was, now = (_first(system, entrypoint[0]) for system in (evidence.original, evidence.rebased))
    if was is None or now is None or now.path in evidence.own or now.body is None or same_content(was, now):
        return
    yield Finding(
        CHECK.id,
        Severity.NOTE,
        f"The new base has another version of its start script {shown(now.path)}, which is given the command",
        "Look at what it does with the command, if that is one of your own.",
        subject=shown(now.path),
        before=was.content.hex(),
        after=now.content.hex(),
    )


def _first(system: System, word: str) -> Entry | None:
    chain = start(system.files, system.path, word, system.directory)
    return None if isinstance(chain, Missing) else chain[0]


CHECK = LayerCheck("entrypoint-script-changed", "The base's start script is the same", _run)
