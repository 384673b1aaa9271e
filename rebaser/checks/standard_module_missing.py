"""H47: the application imports a module of Python's standard library that the new base's Python does not have."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.layers.entry import Imports
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.python import standard_modules

_TESTS = ("/test/", "/tests/", "/testing/", "/_vendor/")


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = (standard_modules(one.files) for one in (evidence.original, evidence.rebased))
    gone = before - after if before and after else frozenset()
    found: dict[str, list[str]] = {}
    for entry in evidence.own_files if gone else ():
        if isinstance(entry.facts, Imports) and not any(part in f"/{entry.path}" for part in _TESTS):
            for name in gone & frozenset(entry.facts.names):
                found.setdefault(name, []).append(entry.path)
    for name, paths in found.items():
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{listed(map(shown, paths))} {'import' if len(paths) > 1 else 'imports'} {printable(name)}, which the "
            "standard library of the new base's Python does not have",
            f"{REBUILD}, with a replacement for the module.",
            subject=printable(name),
            before=paths[:20],
        )


CHECK = LayerCheck("standard-module-missing", "Standard modules that are imported are there", _run)
