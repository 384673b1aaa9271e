"""The image says what it was built on, and that cannot be had any more."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.model import PlatformPlan
from rebaser.request import Severity


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    if plan.old_base is None and any(rejection.gone for rejection in plan.rejected):
        tried = "; ".join(rejection.what for rejection in plan.rejected)
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The base that the image was built on is gone: {tried}",
            "Name a copy of it, in a mirror or an OCI layout, in `old-base`.",
            absolute=True,
        )


CHECK = Check("old-base-gone", "The old base can still be had", _run)
