"""The base is known from a label only, and labels are inherited."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.candidates import FROM_LABELS
from rebaser.plan.model import PlatformPlan
from rebaser.printable import printable
from rebaser.request import Severity


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    if plan.draft and plan.old_base and plan.old_base.found == FROM_LABELS:
        name = printable(str(plan.old_base.reference or "scratch"))
        yield Finding(
            CHECK.id,
            Severity.WARNING,
            f"Only a label says that the image is built on {name}; its real base may have inherited that label "
            "from its own base, and then counts as the application here",
            "Name the base in `old-base` to be sure.",
            subject=name,
        )


CHECK = Check("base-from-label", "The base is known from more than an inheritable label", _run)
