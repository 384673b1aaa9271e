"""H43: a program names a loader that is not there: another C library, or an architecture's loader gone."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.loader import objects_of


def _run(evidence: Evidence) -> Iterable[Finding]:
    found: dict[str, list[str]] = {}
    for own in objects_of(evidence.own_files):
        loader = own.elf.interpreter
        if loader and evidence.rebased.files.find(loader) is None and evidence.original.files.find(loader):
            found.setdefault(loader, []).append(own.path)
    for loader, paths in found.items():
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{listed(map(shown, paths))} cannot be started: the loader {shown(loader)} is not in the new base, as "
            "where the C library is another",
            "Choose a base with the same C library in `new-base`, or rebuild the image on this one.",
            subject=shown(loader),
            before=paths[:20],
        )


CHECK = LayerCheck("loader-missing", "The loader of every program is there", _run)
