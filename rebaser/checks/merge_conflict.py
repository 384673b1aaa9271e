"""What both the application's layers and the new base changed, and the merge layer could not put right."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.merge.conflicts:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The application's layers and the new base both changed {shown(one.path)}, which cannot be merged: "
            f"{printable(one.why, 300)}",
            tolerate(CHECK.id, "the application's file may stay as it is"),
            subject=shown(one.path),
        )


CHECK = LayerCheck("merge-conflict", "What both sides changed can be merged", _run)
