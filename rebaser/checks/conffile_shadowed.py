"""H9: a step of the application edited a file under /etc that the new base changed as well."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown
from rebaser.layers.entry import Kind, same_content
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import is_judged_elsewhere, is_transient
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own, old, new in evidence.shadowed():
        if own.kind is not Kind.FILE or not own.path.startswith("etc/") or old is None or new is None:
            continue
        if is_judged_elsewhere(own.path) or is_transient(own.path) or evidence.is_copied(own.path):
            continue
        if evidence.settlement.keeps(own.path):
            continue
        if not (same_content(old, new) or same_content(own, new) or same_content(own, old)):
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"A step of the application edited {shown(own.path)}, and the new base changed it too; the "
                "application's stays",
                "Look at what the new base changed in it, and rebuild the image on the new base if that is wanted.",
                subject=shown(own.path),
                before=old.content.hex(),
                after=new.content.hex(),
            )


CHECK = LayerCheck("conffile-shadowed", "No edited configuration file hides the new base's", _run)
