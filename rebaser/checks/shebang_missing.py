"""H57: a script of the application names an interpreter that is not there."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.commands import Missing, shebang_of, start


def _run(evidence: Evidence) -> Iterable[Finding]:
    found: dict[str, list[str]] = {}
    was, now = evidence.original, evidence.rebased
    for entry in evidence.own_files:
        if not entry.is_executable or shebang_of(entry) is None:
            continue
        place = f"/{entry.path}"
        lost = start(now.files, now.path, place)
        if isinstance(lost, Missing) and not isinstance(start(was.files, was.path, place), Missing):
            found.setdefault(lost.wanted, []).append(entry.path)
    for wanted, paths in found.items():
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{listed(map(shown, paths))} {'are scripts' if len(paths) > 1 else 'is a script'} for "
            f"{printable(wanted)}, which the new base does not have",
            f"{REBUILD}, or install the interpreter in the Dockerfile.",
            subject=printable(wanted),
            before=paths[:20],
        )


CHECK = LayerCheck("shebang-missing", "The interpreters of scripts are there", _run)
