"""H48: the application holds compiled Python of the base's sources that is used without a look at the source."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown, tolerate
from rebaser.contents.malformed import MalformedError
from rebaser.contents.python import read_pyc
from rebaser.layers.entry import Entry, same_content
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.python import source_of


def _run(evidence: Evidence) -> Iterable[Finding]:
    stale = [entry.path for entry in evidence.own_files if _is_stale(entry, evidence)]
    if stale:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The application holds compiled Python that is never held against its source, and the new base has "
            f"other sources: {listed(map(shown, stale))}",
            tolerate(CHECK.id, "the old code may run"),
            subject=shown(stale[0]),
            before=stale[:20],
        )


def _is_stale(entry: Entry, evidence: Evidence) -> bool:
    source = source_of(entry.path)
    if source is None or source in evidence.own or entry.body is None:
        return False
    old, new = evidence.old.files.entry(source), evidence.new.files.entry(source)
    if old is None or new is None or same_content(old, new):
        return False
    try:
        return read_pyc(entry.body[:16]).staleness == "unchecked-hash"
    except MalformedError:
        return False


CHECK = LayerCheck("bytecode-stale", "Compiled Python is of the sources that are there", _run)
