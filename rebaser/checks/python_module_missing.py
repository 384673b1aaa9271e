"""H47: the application imports a Python module that was there and is not in the new base."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.layers.entry import Imports
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.python import modules

_TESTS = ("/test/", "/tests/", "/testing/", "/_vendor/")


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = (modules(one.files) for one in (evidence.original, evidence.rebased))
    gone = before - after if before and after else frozenset()
    found: dict[str, list[str]] = {}
    for entry in evidence.own_files if gone else ():
        if isinstance(entry.facts, Imports) and not any(part in f"/{entry.path}" for part in _TESTS):
            for name in gone & _wanted(entry.facts):
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


def _wanted(imports: Imports) -> frozenset[str]:
    """Return the modules, and the compiled halves that some of the standard library have: `_ssl` for `ssl`."""
    return frozenset((*imports.names, *(f"_{name}" for name in imports.names)))


CHECK = LayerCheck("python-module-missing", "Python modules that are imported are there", _run)
