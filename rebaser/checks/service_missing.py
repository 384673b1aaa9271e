"""H59d: the application turned on a service whose unit the new base does not have."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, shown
from rebaser.contents.services import enabled_service_of
from rebaser.layers.entry import Kind
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own in evidence.own.values():
        if own.kind is not Kind.SYMLINK or enabled_service_of(own.path) is None:
            continue
        if evidence.rebased.files.find(own.path) is None and evidence.original.files.find(own.path) is not None:
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The application turned on {shown(own.path)}, and the new base has no such unit: {shown(own.link)}",
                f"{REBUILD}, or install the service in the Dockerfile.",
                subject=shown(own.path),
                before=own.link,
            )


CHECK = LayerCheck("service-missing", "Services that were turned on are there", _run)
