"""H3, H4: the application's layers changed a package of the base to a version that is not the new base's."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import tolerate
from rebaser.contents.versions import compare
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.packages import Key, Packages


def _run(evidence: Evidence) -> Iterable[Finding]:
    old, app, new = evidence.old.packages, evidence.rebased.packages, evidence.new.packages
    for key in app.installed:
        before, mine, theirs = _version(old, key), _version(app, key), _version(new, key)
        if not before or not mine or not theirs or mine in (before, theirs):
            continue
        if compare(key[0], mine, theirs) < 0:
            yield _finding(key, mine, theirs, Severity.BLOCKER)
        elif compare(key[0], mine, before) < 0:
            yield _finding(key, mine, theirs, Severity.WARNING)


def _version(packages: Packages, key: Key) -> str:
    several = packages.installed.get(key, ())
    return several[0].version if len(several) == 1 else ""


def _finding(key: Key, mine: str, theirs: str, severity: Severity) -> Finding:
    name = printable(key[1])
    return Finding(
        CHECK.id,
        severity,
        f"The application's layers bring {name} {printable(mine)}, the new base {printable(theirs)}; the "
        "application's files would hide the new base's",
        tolerate(CHECK.id, "the application's version is meant to stay"),
        subject=name,
        before=mine,
        after=theirs,
    )


CHECK = LayerCheck("package-behind", "Base packages that the application changed are not behind the new base's", _run)
