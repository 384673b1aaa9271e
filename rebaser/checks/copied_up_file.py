"""H2: a layer holds a copy of an old base's file, because its owner or mode was changed or it was only touched."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Entry, Kind, same_content
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import is_judged_elsewhere, is_transient
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own, old, new in evidence.shadowed():
        if own.kind is not Kind.FILE or old is None or not same_content(own, old) or not own.size:
            continue
        if is_judged_elsewhere(own.path) or is_transient(own.path) or evidence.is_copied(own.path):
            continue
        if evidence.settlement.keeps(own.path):
            continue
        if new is None or not same_content(own, new):
            yield _finding(own, new)
    yield from _renamed(evidence)


def _renamed(evidence: Evidence) -> Iterable[Finding]:
    """A program or library of the old base under another name, as dpkg-divert and cp make them."""
    changed = {
        (entry.size, entry.content): path
        for path, node in evidence.old.files.nodes.items()
        if (entry := node.entry).is_executable
        and entry.size
        and (new := evidence.new.files.entry(path)) is not None
        and not same_content(entry, new)
    }
    for own in evidence.own_files:
        path = changed.get((own.size, own.content))
        if path is not None and own.path != path and own.is_executable and own.path not in evidence.old.files:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The application's {shown(own.path)} is a copy of the old base's {shown(path)}, of which the "
                "new base has another version",
                tolerate(CHECK.id, "the old base's content may stay"),
                subject=shown(own.path),
                before=own.content.hex(),
            )


def _finding(own: Entry, new: Entry | None) -> Finding:
    what = "has another version of it" if new else "has it no longer"
    return Finding(
        CHECK.id,
        Severity.BLOCKER if new else Severity.WARNING,
        f"The application's layers hold a copy of the old base's {shown(own.path)}, as chown, chmod and touch make "
        f"them, and the new base {what}",
        tolerate(CHECK.id, "the old base's content may stay"),
        subject=shown(own.path),
        before=own.content.hex(),
        after=new.content.hex() if new else None,
    )


CHECK = LayerCheck("copied-up-file", "No copy of an old base's file hides the new base's", _run)
