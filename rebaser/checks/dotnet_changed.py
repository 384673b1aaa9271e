"""H54: an application asks for a .NET framework that the new base does not have, nor one to roll forward to."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.dotnet import frameworks, unresolved


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = frameworks(evidence.original.files), frameworks(evidence.rebased.files)
    for entry in evidence.own_files:
        lost = unresolved(entry, after, evidence.rebased.environment)
        known = unresolved(entry, before, evidence.original.environment)
        for name, version in lost:
            if (name, version) in known:
                continue
            has = sorted(after.get(name, ()))
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"{shown(entry.path)} asks for {printable(name)} {printable(version)}; the new base has "
                f"{listed(has) or 'none'}, and it may not roll forward to that",
                f"{REBUILD}, or choose a base with that version in `new-base`.",
                subject=shown(entry.path),
                before=version,
                after=has,
            )


CHECK = LayerCheck("dotnet-changed", "The .NET framework that is asked for is there", _run)
