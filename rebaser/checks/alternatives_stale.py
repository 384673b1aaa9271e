"""H14: a link below /etc/alternatives that the application's layers hold does not lead where the new base's does."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Kind
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity

_DIRECTORY = "etc/alternatives/"


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own in evidence.own.values():
        if not own.path.startswith(_DIRECTORY) or own.kind is not Kind.SYMLINK:
            continue
        old, new = evidence.old.files.entry(own.path), evidence.new.files.entry(own.path)
        stale = old is not None and new is not None and own.link == old.link != new.link
        if stale and new is not None:
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The application's layers hold the old base's {shown(own.path)} → {shown(own.link)}; the new base's "
                f"leads to {shown(new.link)}",
                tolerate(CHECK.id, "the old choice may stay"),
                subject=shown(own.path),
                before=own.link,
                after=new.link,
            )


CHECK = LayerCheck("alternatives-stale", "Alternatives are the new base's, or the application's own", _run)
