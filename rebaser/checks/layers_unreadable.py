"""The layers cannot be looked into, so nobody knows whether they fit."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.model import PlatformPlan
from rebaser.printable import printable
from rebaser.request import Severity


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    if plan.unread:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The layers cannot be looked into: {printable(plan.unread)}",
            "Rebuild the image on the new base, or name layers-unreadable in `tolerate` to go by the configs alone.",
        )


CHECK = Check("layers-unreadable", "The layers can be looked into", _run)
