"""H22: what the application has at a path is of another kind than what the new base has there."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Kind
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own, old, new in evidence.shadowed():
        if new is None or own.kind is new.kind or (old is not None and old.kind is new.kind):
            continue
        if Kind.DIRECTORY in (own.kind, new.kind):
            hidden = "hides all that the new base has there" if new.kind is Kind.DIRECTORY else "takes its place"
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The application has a {own.kind} at {shown(own.path)}, the new base a {new.kind}"
                + (f" to {shown(new.link)}" if new.link else "")
                + f"; the application's {hidden}",
                tolerate(CHECK.id, "nothing of the new base is needed there"),
                subject=shown(own.path),
                before=str(old.kind) if old else None,
                after=str(new.kind),
            )


CHECK = LayerCheck("type-changed", "Files, directories and links are of one kind on both sides", _run)
