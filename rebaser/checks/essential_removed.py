"""H19: the application removes a path that in the new base is a link or a directory others depend on."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Kind
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for path in sorted(evidence.removed):
        old, new = evidence.old.files.entry(path), evidence.new.files.entry(path)
        if old is None or new is None or old.kind is new.kind:
            continue
        if new.kind in (Kind.SYMLINK, Kind.DIRECTORY):
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The application removed the {old.kind} {shown(path)}; in the new base that is a {new.kind}, and all "
                "that goes by way of it would be gone",
                tolerate(CHECK.id, "nothing goes by way of it"),
                subject=shown(path),
                before=str(old.kind),
                after=str(new.kind),
            )


CHECK = LayerCheck("essential-removed", "What the layers remove is still what it was", _run)
