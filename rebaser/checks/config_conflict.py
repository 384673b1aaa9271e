"""Config values that could not simply be taken from the one side that changed them."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.oci.strict_json import Json, write
from rebaser.plan.model import Conflict, PlatformPlan, Weight
from rebaser.printable import printable
from rebaser.request import Severity

_SEVERITY = {Weight.NOTE: Severity.NOTE, Weight.WARNING: Severity.WARNING}
_ABOUT_NO_VALUE = ("build-key-removed", "env-duplicate", "env-order", "history-unproved")
_BOTH_CHANGED = ("both-changed", "env-both-changed")


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    for conflict in plan.draft.conflicts if plan.draft else ():
        if conflict.weight is not Weight.BLOCKER:
            yield _finding(conflict, _SEVERITY[conflict.weight])


def _finding(conflict: Conflict, severity: Severity) -> Finding:
    name = f"{conflict.pointer}/{conflict.key}" if conflict.key else conflict.pointer
    kept = "" if conflict.kind in _ABOUT_NO_VALUE else f"; kept: {_shown(conflict.kept)}"
    return Finding(
        CHECK.id,
        severity,
        f"{printable(conflict.message)}{kept}",
        _remedy(conflict),
        subject=printable(name),
        before=conflict.values.app,
        after=conflict.kept,
    )


def _remedy(conflict: Conflict) -> str:
    if conflict.kind in _BOTH_CHANGED and conflict.weight is Weight.WARNING:
        return "Look at the value; set `on-conflict` to `base` to take the new base's, or to `fail` to be stopped."
    if conflict.weight is Weight.NOTE:
        return "Nothing is to be done; set `fail-on` to `note` to be stopped by what is only worth knowing."
    return (
        "Look whether the value holds on the new base, and rebuild the image if it doesn't; "
        "set `on-conflict` to `fail` to be stopped."
    )


def _shown(value: Json) -> str:
    return printable(write(value).decode()) if value else "nothing"


CHECK = Check("config-conflict", "Each config value comes from the one side that changed it", _run)
