"""H70: the shell for commands in shell form is not there."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity

_DEFAULT = "/bin/sh"


def _run(evidence: Evidence) -> Iterable[Finding]:
    shell = (evidence.rebased.words("Shell") or (_DEFAULT,))[0]
    was, now = evidence.original.files.find(shell), evidence.rebased.files.find(shell)
    if was is not None and now is None:
        yield Finding(
            CHECK.id,
            Severity.WARNING,
            f"The shell {shown(shell)} is not in the new base; whoever wants one in the container finds none",
            "Make sure that nothing runs commands in a shell, or choose a base with one in `new-base`.",
            subject=shown(shell),
            before=shell,
        )


CHECK = LayerCheck("shell-missing", "There is still a shell", _run)
