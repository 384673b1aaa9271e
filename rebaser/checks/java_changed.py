"""H53: classes of the application are for a newer Java than the new base's."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.java import class_version, java_version

_FIRST = 44  # the class files of Java 1 have the version 45


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = java_version(evidence.original), java_version(evidence.rebased)
    if before is None or after is None or after >= before:
        return
    newer = [
        entry.path
        for entry in evidence.own_files
        if (version := class_version(entry)) is not None and after < version - _FIRST <= before
    ]
    if newer:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{listed(map(shown, newer))} hold{'' if len(newer) > 1 else 's'} classes that Java {after}, the new "
            f"base's, cannot read; the old base has Java {before}",
            f"{REBUILD}, or choose a base with Java {before} or newer in `new-base`.",
            subject=shown(newer[0]),
            before=before,
            after=after,
        )


CHECK = LayerCheck("java-changed", "The Java that is there reads the application's classes", _run)
