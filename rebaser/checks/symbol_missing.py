"""H42: a symbol that a program of the application takes from a library is no longer in it."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.linking import missing_symbols
from rebaser.system.loader import objects_of


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own in objects_of(evidence.own_files):
        after = missing_symbols(evidence.rebased, own)
        lost = sorted(after - missing_symbols(evidence.original, own)) if after else []
        if lost:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"{shown(own.path)} takes {listed(lost)} from its libraries, and those of the new base have no such "
                "symbol",
                "Rebuild the image on the new base.",
                subject=shown(own.path),
                before=lost[:20],
            )


CHECK = LayerCheck("symbol-missing", "Libraries have the symbols that are asked for", _run)
