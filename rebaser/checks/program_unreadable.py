"""A program or library in the application's layers begins like one and cannot be read as one."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Broken
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for entry in evidence.own_files:
        if isinstance(entry.facts, Broken):
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"{shown(entry.path)} cannot be understood, so that its needs are not known: "
                f"{printable(entry.facts.why)}",
                tolerate(CHECK.id, "the file is not one that is loaded"),
                subject=shown(entry.path),
            )


CHECK = LayerCheck("program-unreadable", "Programs can be understood", _run)
