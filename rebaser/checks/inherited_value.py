"""The application's layers were built under the base's WorkingDir or User, and the new base has another."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.oci.strict_json import Json
from rebaser.plan.model import PlatformPlan, Weight
from rebaser.printable import printable
from rebaser.request import Severity

_OWN_CHECK = "onbuild-changed"


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    for conflict in plan.draft.conflicts if plan.draft else ():
        if conflict.weight is Weight.BLOCKER and conflict.kind != _OWN_CHECK:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"{conflict.message} ({_shown(conflict.values.old)} → {_shown(conflict.values.new)})",
                "Rebuild the image on the new base, or keep the old value by naming this check in `tolerate`.",
                subject=conflict.pointer,
                before=conflict.values.old,
                after=conflict.values.new,
            )


def _shown(value: Json) -> str:
    return printable(str(value)) if value else "nothing"


CHECK = Check("inherited-value", "Nothing that the layers were built under has changed", _run)
