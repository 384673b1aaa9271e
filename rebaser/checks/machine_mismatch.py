"""H44: the new base's programs are for another machine than the old base's, whatever the configs say."""

from collections import Counter
from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.loader import objects_of
from rebaser.system.model import System


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = _machine(evidence.old), _machine(evidence.new)
    if before and after and before != after:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The old base's programs are for machine {before[0]} with {before[1]} bits, the new base's for machine "
            f"{after[0]} with {after[1]} bits (numbers of the ELF standard)",
            "Name a base for the application's architecture in `new-base`.",
            before=list(before),
            after=list(after),
        )


def _machine(system: System) -> tuple[int, int] | None:
    """Return the machine and word size of most programs; None where there are none."""
    found = Counter(
        (one.elf.machine, one.elf.bits) for one in objects_of(node.entry for node in system.files.nodes.values())
    )
    return found.most_common(1)[0][0] if found else None


CHECK = LayerCheck("machine-mismatch", "Programs are for one machine", _run)
