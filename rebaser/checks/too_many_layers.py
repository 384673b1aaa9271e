"""No engine can unpack more layers than its storage can stack."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.model import PlatformPlan
from rebaser.request import Severity

MOST = 125  # layers; overlay stacks 128, and docker keeps three for itself
MANY = 100  # layers, from which on the next base update may be one too many


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    count = len(plan.draft.layers) if plan.draft else 0
    before = len(plan.original.layers)
    if count > MOST:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The result would have {count} layers; engines stack {MOST} at most",
            "Rebuild the image with fewer layers, or choose a base in `new-base` that has fewer.",
            before=before,
            after=count,
            absolute=True,
        )
    elif count > MANY and count > before:
        yield Finding(
            CHECK.id,
            Severity.WARNING,
            f"The result has {count} layers; engines stack {MOST} at most",
            "Rebuild the image with fewer layers before a base in `new-base` grows further.",
            before=before,
            after=count,
        )


CHECK = Check("too-many-layers", "An engine can stack the layers", _run)
