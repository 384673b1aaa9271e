"""H53: an archive of shared classes is for one build of the virtual machine, and the new base has another."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, shown
from rebaser.contents.java import read_shared_archive
from rebaser.contents.malformed import MalformedError
from rebaser.layers.entry import Entry, same_content
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity

_INSISTS = "-Xshare:on"
_MACHINE = "/lib/server/libjvm.so"


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = _machines(evidence.original.files.nodes), _machines(evidence.rebased.files.nodes)
    same = before.keys() == after.keys() and all(
        same_content(evidence.original.files.nodes[path].entry, evidence.rebased.files.nodes[path].entry)
        for path in before
    )
    if same or not before:
        return
    words = [*evidence.rebased.command, *evidence.rebased.environment.values()]
    insists = any(_INSISTS in word for word in words)
    for entry in evidence.own_files:
        if _is_archive(entry):
            yield Finding(
                CHECK.id,
                Severity.BLOCKER if insists else Severity.WARNING,
                f"The archive of shared classes {shown(entry.path)} is for the old base's Java; the new base's "
                + ("does not start with it" if insists else "ignores it, and starts more slowly"),
                f"{REBUILD}, which makes the archive anew.",
                subject=shown(entry.path),
            )


def _machines(paths: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(path for path in paths if f"/{path}".endswith(_MACHINE))


def _is_archive(entry: Entry) -> bool:
    if not entry.path.endswith(".jsa") or entry.body is None:
        return False
    try:
        read_shared_archive(entry.body)
    except MalformedError:
        return False
    return True


CHECK = LayerCheck("shared-classes-stale", "Archives of shared classes are for the Java that is there", _run)
