"""Config values that could not simply be taken from the one side that changed them."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding, Severity
from rebaser.plan.model import Conflict, PlatformPlan, Weight
from rebaser.printable import printable

_SEVERITY = {Weight.NOTE: Severity.NOTE, Weight.WARNING: Severity.WARNING}


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    for conflict in plan.draft.conflicts if plan.draft else ():
        if conflict.weight is not Weight.BLOCKER:
            yield _finding(conflict, _SEVERITY[conflict.weight])


def _finding(conflict: Conflict, severity: Severity) -> Finding:
    name = f"{conflict.pointer}/{conflict.key}" if conflict.key else conflict.pointer
    return Finding(
        CHECK.id,
        severity,
        f"{printable(conflict.message)}; kept: {printable(str(conflict.kept))}" if conflict.kept else conflict.message,
        "Look at the value; set `on-conflict` to `base` to take the new base's, or to `fail` to be stopped.",
        subject=printable(name),
        before=conflict.values.app,
        after=conflict.kept,
    )


CHECK = Check("config-conflict", "Each config value comes from the one side that changed it", _run)
