"""H59e: the new base is another distribution, or another major release of it."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    old, new = evidence.old.release, evidence.new.release
    if old is None or new is None:
        return
    was, now = (f"{one.id} {one.version_id or ''}".strip() for one in (old, new))
    another = old.id != new.id
    majors = [(one.version_id or "").partition(".")[0] for one in (old, new)]
    if another or majors[0] != majors[1]:
        yield Finding(
            CHECK.id,
            Severity.WARNING if another else Severity.NOTE,
            f"The old base is {printable(was)}, the new one {printable(now)}",
            "Test the result as after any upgrade of the distribution; set `fail-on` to be stopped.",
            subject="os-release",
            before=was,
            after=now,
        )


CHECK = LayerCheck("distribution-changed", "Both bases are one release of one distribution", _run)
