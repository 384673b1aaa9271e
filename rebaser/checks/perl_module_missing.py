"""H51: the application's Perl uses a module that was there and is not in the new base."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.perl import modules, used_by


def _run(evidence: Evidence) -> Iterable[Finding]:
    wanted = {entry.path: names for entry in evidence.own_files if (names := used_by(entry))}
    gone = modules(evidence.original.files) - modules(evidence.rebased.files) if wanted else frozenset()
    found: dict[str, list[str]] = {}
    for path, names in wanted.items():
        for name in gone & names:
            found.setdefault(name, []).append(path)
    for name, paths in found.items():
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{listed(map(shown, paths))} {'use' if len(paths) > 1 else 'uses'} {printable(name)}, which the Perl of "
            "the new base does not find",
            f"{REBUILD}, or install the module in the Dockerfile.",
            subject=printable(name),
            before=paths[:20],
        )


CHECK = LayerCheck("perl-module-missing", "Perl modules that are used are there", _run)
