"""H28: a program of the base has lost or gained the rights of its owner by what the application's layers hold."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own, old, new in evidence.shadowed():
        if old is None or new is None or own.is_privileged is not old.is_privileged:
            continue
        if new.is_privileged is not own.is_privileged:
            had = "has" if own.is_privileged else "does not have"
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The application's copy of {shown(own.path)} {had} a set-user-id bit or a capability, unlike the "
                "new base's",
                tolerate(CHECK.id, "the application's copy is right"),
                subject=shown(own.path),
                before=f"{own.mode:04o}",
                after=f"{new.mode:04o}",
            )


CHECK = LayerCheck("privileges-changed", "Programs have the rights that the new base gives them", _run)
