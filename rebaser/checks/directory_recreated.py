"""H21b: a layer removes a directory and makes it again; on some engines the new base's content comes back."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown, tolerate
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.rebased.files.divergences:
        if one.rule != "W3a":
            continue
        old, new = (set(system.files.children.get(one.path, ())) for system in (evidence.old, evidence.new))
        if new - old:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"A layer of the application removes {shown(one.path)} and makes it again; the new base has more in "
                f"it ({listed(sorted(new - old))}), which some engines would show",
                tolerate(CHECK.id, "it does not matter what else is there"),
                subject=shown(one.path),
                after=sorted(new - old)[:20],
            )


CHECK = LayerCheck("directory-recreated", "A directory that was made anew holds nothing of the new base", _run)
