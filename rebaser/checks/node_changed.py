"""H49: the application's compiled add-ons are for another Node.js than the new base's."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.node import bound_add_ons, module_version


def _run(evidence: Evidence) -> Iterable[Finding]:
    bound = [entry.path for entry in bound_add_ons(evidence.own_files)]
    before, after = module_version(evidence.original.files), module_version(evidence.rebased.files)
    if not bound or before is None or before == after:
        return
    yield Finding(
        CHECK.id,
        Severity.BLOCKER,
        f"{listed(map(shown, bound))} {'are' if len(bound) > 1 else 'is'} compiled for Node.js' module version "
        f"{before}; the new base's is {after if after is not None else 'not known'}",
        f"{REBUILD}, or choose a base with the same major version of Node.js in `new-base`.",
        subject=shown(bound[0]),
        before=before,
        after=after,
    )


CHECK = LayerCheck("node-changed", "Compiled add-ons are for the Node.js that is there", _run)
