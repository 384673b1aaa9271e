"""A package database cannot be read, so what is installed is not known."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for title, system in (("original", evidence.original), ("new base", evidence.new)):
        for path, why in system.packages.unread:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The package database {shown(path)} of the {title} cannot be read: {printable(why)}",
                tolerate(CHECK.id, "no package matters"),
                subject=shown(path),
            )


CHECK = LayerCheck("package-database-unreadable", "Package databases can be read", _run)
