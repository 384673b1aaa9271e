"""H1: the application's layers replaced a file of the base, and the new base has another version of it."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Kind, same_content
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import is_judged_elsewhere, is_transient
from rebaser.request import Severity

_KINDS = (Kind.FILE, Kind.SYMLINK)


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own, old, new in evidence.shadowed():
        if old is None or new is None or not {own.kind, old.kind, new.kind} <= set(_KINDS):
            continue
        if is_judged_elsewhere(own.path) or is_transient(own.path) or own.path.startswith("etc/"):
            continue
        if evidence.settlement.keeps(own.path):
            continue
        changed_by_all = not (same_content(old, new) or same_content(own, new) or same_content(own, old))
        if changed_by_all and not evidence.is_copied(own.path):
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"A step of the application changed {shown(own.path)}, which the new base has in another version; "
                "the application's would hide it, with whatever was fixed in it",
                tolerate(CHECK.id, "the application's file is meant to stay"),
                subject=shown(own.path),
                before=old.content.hex() or old.link,
                after=new.content.hex() or new.link,
            )


CHECK = LayerCheck("shadowed-file", "No step's version of a base file hides the new base's", _run)
