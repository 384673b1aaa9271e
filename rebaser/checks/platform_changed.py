"""The new base is for another operating system, architecture, or for newer processors."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.oci.platform import runs_on
from rebaser.plan.model import PlatformPlan
from rebaser.printable import printable
from rebaser.request import Severity


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    base = plan.new_base.image
    if base is not None and not runs_on(base.platform, plan.original.platform):
        before, after = printable(str(plan.original.platform)), printable(str(base.platform))
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The application is for {before}, the new base for {after}",
            "Name a base for the application's platform in `new-base`.",
            subject=before,
            before=before,
            after=after,
            absolute=True,
            rebuildable=False,
        )


CHECK = Check("platform-changed", "The new base is for the application's platform", _run)
