"""H47: the application's Python packages, environments or compiled modules are for a Python that is gone."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.python import environments, interpreters, wanted_by


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = interpreters(evidence.original.files), interpreters(evidence.rebased.files)
    yield from _environments(evidence)
    found: dict[str, list[str]] = {}
    for entry in evidence.own_files:
        version = wanted_by(entry)
        if version and version in before and version not in after:
            found.setdefault(version, []).append(entry.path)
    for version, paths in found.items():
        has = f"has Python {listed(sorted(after))}" if after else "has no Python"
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{len(paths)} files of the application are for Python {printable(version)}, such as "
            f"{listed(map(shown, paths[:2]))}; the new base {has}",
            f"{REBUILD}, or choose a base with Python {printable(version)} in `new-base`.",
            subject=f"python{version}",
            before=version,
            after=sorted(after),
        )


def _environments(evidence: Evidence) -> Iterable[Finding]:
    for path, python in environments(evidence.own_files):
        was, now = evidence.original.files.find(python), evidence.rebased.files.find(python)
        if was is not None and now is None:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The virtual environment of {shown(path)} runs {shown(python)}, which the new base does not have",
                f"{REBUILD}.",
                subject=shown(path),
                before=python,
            )


CHECK = LayerCheck("python-changed", "The application's Python is there", _run)
