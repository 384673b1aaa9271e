"""H59f: a package of the application depends on one that the new base does not have, or not in that version."""

from collections.abc import Callable, Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD
from rebaser.contents.package import Package, unmet, written
from rebaser.layers.filesystem import FileSystem
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import DATABASES
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.packages import own_packages


def _run(evidence: Evidence) -> Iterable[Finding]:
    if not own_packages(evidence.old.packages, evidence.original.packages) and not _is_merged(evidence):
        return
    known = {
        (package.name, requirement)
        for system in (evidence.original, evidence.new)
        for package, requirement in unmet(tuple(system.packages.all()), _has(system.files))
    }
    for package, requirement in unmet(_installed(evidence), _has(evidence.rebased.files)):
        if (package.name, requirement) not in known:
            yield _finding(package, written(requirement))


def _is_merged(evidence: Evidence) -> bool:
    return any(repair.path in DATABASES for repair in evidence.merge.repairs)


def _installed(evidence: Evidence) -> tuple[Package, ...]:
    """Return what will be installed: what the merged database says, or else the new base's and the application's."""
    if _is_merged(evidence):
        return tuple(evidence.rebased.packages.all())
    own = own_packages(evidence.old.packages, evidence.original.packages)
    names = {(package.name, package.architecture) for package in own}
    return (*own, *(one for one in evidence.new.packages.all() if (one.name, one.architecture) not in names))


def _has(files: FileSystem) -> Callable[[str], bool]:
    return lambda path: files.find(path) is not None


def _finding(package: Package, requirement: str) -> Finding:
    name = printable(package.name)
    return Finding(
        CHECK.id,
        Severity.BLOCKER,
        f"{name} {printable(package.version)} depends on {printable(requirement)}, which would not be there",
        f"{REBUILD}.",
        subject=name,
        before=requirement,
    )


CHECK = LayerCheck("dependency-unmet", "What the application's packages depend on is installed", _run)
