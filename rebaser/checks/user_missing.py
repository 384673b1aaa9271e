"""H25: the user or group that the container runs as is not there, or is another."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.accounts import Identity, Unknown


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = evidence.original.identity, evidence.rebased.identity
    if isinstance(after, Unknown) and isinstance(before, Identity):
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The container runs as {printable(evidence.rebased.user)}, and the {after.kind} {printable(after.name)} "
            "is not in the new base",
            f"{REBUILD}, with the account added in the Dockerfile, or set USER to a number.",
            subject=printable(after.name),
            before=before.uid,
        )
    elif isinstance(after, Identity) and isinstance(before, Identity) and after.uid != before.uid:
        told = printable(evidence.rebased.user or "root")
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The container runs as {told}, which was the number {before.uid} and would be {after.uid}",
            f"{REBUILD}, or set USER to a number.",
            subject=told,
            before=before.uid,
            after=after.uid,
        )


CHECK = LayerCheck("user-missing", "The user that the container runs as is there", _run)
