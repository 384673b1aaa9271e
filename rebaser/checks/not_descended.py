"""The image does not begin with the old base's layers."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.model import PlatformPlan, Unrelated
from rebaser.printable import printable
from rebaser.request import Severity


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    if plan.old_base and isinstance(plan.seam, Unrelated):
        seam = plan.seam
        name = printable(str(plan.old_base.reference))
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The image is not built on {name}: only {seam.matching} of that base's {seam.base_layers} layers "
            "stand where they should (compared by diff ID)",
            "Name the exact image that it was built on in `old-base`, by digest; "
            "an image that was squashed or flattened has no base any more and must be rebuilt.",
            subject=name,
            before=seam.base_layers,
            after=seam.matching,
            absolute=True,
        )


CHECK = Check("not-descended", "The image begins with all of the old base's layers", _run)
