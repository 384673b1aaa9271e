"""H17: the application removed a file of the old base, and the new base has it under another version's name."""

import re
from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Entry, Kind, parent_of
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import is_transient
from rebaser.request import Severity

_NUMBER = re.compile(r"[0-9]+")
_HARDENING = frozenset({"sh", "bash", "dash", "busybox", "apt", "apt-get", "dpkg", "apk", "dnf", "yum", "rpm", "su"})


def _run(evidence: Evidence) -> Iterable[Finding]:
    for path in sorted(evidence.removed):
        old = evidence.old.files.entry(path)
        if old is None or path in evidence.new.files or is_transient(path) or not _NUMBER.search(path):
            continue
        for again in _other_versions(path, evidence):
            yield _finding(path, again, old)


def _other_versions(path: str, evidence: Evidence) -> Iterable[str]:
    """Yield what the new base alone has in that directory under the same name but for its numbers."""
    directory, name = parent_of(path), path.rpartition("/")[2]
    for other in evidence.new.files.children.get(directory, ()):
        inner = f"{directory}/{other}" if directory else other
        alike = _NUMBER.sub("#", other) == _NUMBER.sub("#", name)
        if alike and inner not in evidence.old.files and inner in evidence.rebased.files:
            yield inner


def _finding(path: str, again: str, old: Entry) -> Finding:
    name = _NUMBER.sub("", path.rpartition("/")[2]).strip("-.")
    hardening = old.is_privileged or (old.kind is Kind.FILE and name in _HARDENING)
    return Finding(
        CHECK.id,
        Severity.BLOCKER if hardening else Severity.WARNING,
        f"The application removed {shown(path)}; the new base has {shown(again)} in its place, which stays",
        tolerate(CHECK.id, "the new file may be there"),
        subject=shown(path),
        before=path,
        after=again,
    )


CHECK = LayerCheck("deletion-undone", "What the application removed stays removed", _run)
