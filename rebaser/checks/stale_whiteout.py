"""H16: the application's layers remove a path that the new base does not have."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.layers.entry import parent_of
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    before = {one.path for one in evidence.original.files.divergences if one.rule == "W10"}
    seen = [one for one in evidence.rebased.files.divergences if one.rule == "W10" and one.path not in before]
    for divergence in seen:
        yield Finding(
            CHECK.id,
            Severity.WARNING,
            f"The application's layers remove {shown(divergence.path)}, of whose directory "
            f"{shown(parent_of(divergence.path))} the new base knows nothing; some engines show a device there",
            "Rebuild the image on the new base if anything looks into that directory.",
            subject=shown(divergence.path),
        )
    told = {divergence.path for divergence in seen}
    idle = [path for path in sorted(evidence.removed) if path not in evidence.new.files and path not in told]
    if idle:
        yield Finding(
            CHECK.id,
            Severity.NOTE,
            f"The application's layers remove what the new base does not have: {listed(map(shown, idle))}",
            "Nothing is to be done.",
            subject=shown(idle[0]),
            before=[*idle[:20]],
        )


CHECK = LayerCheck("stale-whiteout", "What the layers remove is there", _run)
