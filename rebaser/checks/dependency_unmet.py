"""H59f: a package of the application depends on one that the new base does not have, or not in that version."""

from collections.abc import Callable, Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD
from rebaser.contents.package import Package, unmet, written
from rebaser.layers.filesystem import FileSystem
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.packages import own_packages


def _run(evidence: Evidence) -> Iterable[Finding]:
    own = own_packages(evidence.old.packages, evidence.original.packages)
    if not own:
        return
    names = {(package.name, package.architecture) for package in own}
    base = [one for one in evidence.new.packages.all() if (one.name, one.architecture) not in names]
    files = evidence.rebased.files
    known = {
        (package.name, requirement)
        for package, requirement in unmet(tuple(evidence.original.packages.all()), _has(evidence.original.files))
    }
    for package, requirement in unmet((*own, *base), _has(files)):
        if (package.name, package.architecture) in names and (package.name, requirement) not in known:
            yield _finding(package, written(requirement))


def _has(files: FileSystem) -> Callable[[str], bool]:
    return lambda path: files.find(path) is not None


def _finding(package: Package, requirement: str) -> Finding:
    name = printable(package.name)
    return Finding(
        CHECK.id,
        Severity.BLOCKER,
        f"{name} {printable(package.version)} of the application's layers depends on {printable(requirement)}, which "
        "the new base does not have",
        f"{REBUILD}.",
        subject=name,
        before=requirement,
    )


CHECK = LayerCheck("dependency-unmet", "What the application's packages depend on is installed", _run)
