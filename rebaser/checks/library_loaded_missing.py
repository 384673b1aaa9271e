"""H59: a program of the application names a library, to load while it runs, that is not found any more."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.loader import objects_of


def _run(evidence: Evidence) -> Iterable[Finding]:
    found: dict[str, list[str]] = {}
    before, after = evidence.original.loader, evidence.rebased.loader
    for own in objects_of(evidence.own_files):
        for name in own.elf.loads:
            if after.find(name, own) is None and before.find(name, own) is not None:
                found.setdefault(name, []).append(own.path)
    for name, paths in found.items():
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{listed(map(shown, paths))} {'name' if len(paths) > 1 else 'names'} the library {printable(name)}, as "
            "programs do that load one while they run, and it is not found on the new base",
            f"{REBUILD}, or install the library in the Dockerfile.",
            subject=printable(name),
            before=before.path_of(paths[0], name),
        )


CHECK = LayerCheck("library-loaded-missing", "Libraries that programs name are found", _run)
