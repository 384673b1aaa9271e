"""Nothing names a base that the image really stands on."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.model import PlatformPlan
from rebaser.request import Severity


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    if plan.old_base is None and not any(rejection.gone for rejection in plan.rejected):
        tried = "; ".join(rejection.what for rejection in plan.rejected)
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"It is not known what the image was built on: "
            f"{tried or 'neither annotations, nor provenance, nor labels name a base'}",
            "Name the image that it was built on, by digest if its tag has moved since, in `old-base`.",
            absolute=True,
        )


CHECK = Check("base-unknown", "The old base is known", _run)
