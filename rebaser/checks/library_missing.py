"""H40: a program or library asks for a library by a name under which the loader no longer finds one."""

import re
from collections.abc import Iterable

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
    before = {_plain(path) for path in evidence.original.files.nodes}
    by_name: dict[str, list[Want]] = {}
    for want in missing_libraries(evidence.rebased):
        if (_plain(want.path), want.name) not in known:
            by_name.setdefault(want.name, []).append(want)
    for name, wants in by_name.items():
        broken = [want for want in wants if _is_ours(want, evidence) or want.path in used]
        renamed = [want for want in wants if _plain(want.path) in before]
        if broken or renamed:
            severity = Severity.BLOCKER if broken else Severity.WARNING
            yield _finding(name, broken or renamed, evidence, severity)


def _is_ours(want: Want, evidence: Evidence) -> bool:
    """Answer whether the application brings the file, or it was there before; not what only the base has wrong."""
    return want.path in evidence.own or evidence.original.files.find(want.path) is not None


def _plain(path: str) -> str:
    """Return a path without its numbers: the base may have had it under another version's name, `php/20220829/x.so`."""
    return _NUMBER.sub("#", path)


def _finding(name: str, wants: list[Want], evidence: Evidence, severity: Severity) -> Finding:
    before = sorted({path for want in wants if (path := evidence.original.loader.path_of(want.path, name))})
    return Finding(
        CHECK.id,
        severity,
        f"{listed(shown(want.path) for want in wants)} {'need' if len(wants) > 1 else 'needs'} the library "
        f"{printable(name)}, which is not found on the new base",
        "Rebuild the image on the new base, or install the library in the Dockerfile.",
        subject=printable(name),
        before=before[0] if before else None,
    )


CHECK = LayerCheck("library-missing", "Every library that is asked for is found", _run)
