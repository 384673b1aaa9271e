"""H53, H62: a variable names a path that was there, and on the new base is not."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity

_LISTS = ("PATH", "MANPATH", "INFOPATH", "XDG_DATA_DIRS", "XDG_CONFIG_DIRS")
_MADE_LATER = ("HOME", "PWD", "TMPDIR", "TMP", "TEMP")


def _run(evidence: Evidence) -> Iterable[Finding]:
    new = evidence.new.environment
    for name, value in evidence.rebased.environment.items():
        if name in _MADE_LATER or new.get(name) == value:
            continue
        lost = [part for part in value.split(":") if _is_lost(part, evidence)]
        if lost:
            yield Finding(
                CHECK.id,
                Severity.WARNING if name in _LISTS else Severity.BLOCKER,
                f"{printable(name)} names {shown(lost[0])}, which the new base does not have",
                tolerate(CHECK.id, "nothing looks there"),
                subject=printable(name),
                before=value,
                after=new.get(name),
            )


def _is_lost(part: str, evidence: Evidence) -> bool:
    if not part.startswith("/") or not part.strip("/"):
        return False
    return evidence.original.files.find(part) is not None and evidence.rebased.files.find(part) is None


CHECK = LayerCheck("variable-path-missing", "Paths that variables name are there", _run)
