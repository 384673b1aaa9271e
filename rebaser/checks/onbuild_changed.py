"""The old base's ONBUILD triggers ran in the application's build; the new base's would run in a rebuild."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.model import PlatformPlan
from rebaser.request import Severity


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    for conflict in plan.draft.conflicts if plan.draft else ():
        if conflict.kind == "onbuild-changed":
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"{conflict.message}; a rebuild would run the new ones",
                "Rebuild the image on the new base, or keep the old triggers' work by naming this check in `tolerate`.",
                subject=conflict.pointer,
                before=conflict.values.old,
                after=conflict.values.new,
            )


CHECK = Check("onbuild-changed", "Both bases have the same ONBUILD triggers", _run)
