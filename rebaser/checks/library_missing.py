"""H40: a program or library asks for a library by a name under which the loader no longer finds one."""

import re
from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.linking import Want, missing_libraries
from rebaser.system.reach import started

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def _run(evidence: Evidence) -> Iterable[Finding]:
    known = {(_plain(want.path), want.name) for want in missing_libraries(evidence.original)}
    used = started(evidence.rebased, evidence.own_files)
    by_name: dict[str, list[Want]] = {}
    for want in missing_libraries(evidence.rebased):
        if (_plain(want.path), want.name) not in known:
            by_name.setdefault(want.name, []).append(want)
    for name, wants in by_name.items():
        matter = list(_that_matter(wants, evidence, used))
        if matter:
            yield _finding(name, matter, evidence)


def _that_matter(wants: list[Want], evidence: Evidence, used: frozenset[str]) -> Iterator[Want]:
    """Yield what the application brings, what worked before, and what it starts; not what only the base has wrong.

    What the old base had under another version's name worked before, too: `php/20220829/sodium.so`.
    """
    before = {_plain(path) for path in evidence.original.files.nodes}
    for want in wants:
        if want.path in evidence.own or _plain(want.path) in before or want.path in used:
            yield want


def _plain(path: str) -> str:
    """Return a path without its numbers."""
    return _NUMBER.sub("#", path)


def _finding(name: str, wants: list[Want], evidence: Evidence) -> Finding:
    before = sorted({path for want in wants if (path := evidence.original.loader.path_of(want.path, name))})
    return Finding(
        CHECK.id,
        Severity.BLOCKER,
        f"{listed(shown(want.path) for want in wants)} {'need' if len(wants) > 1 else 'needs'} the library "
        f"{printable(name)}, which is not found on the new base",
        "Rebuild the image on the new base, or install the library in the Dockerfile.",
        subject=printable(name),
        before=before[0] if before else None,
    )


CHECK = LayerCheck("library-missing", "Every library that is asked for is found", _run)
