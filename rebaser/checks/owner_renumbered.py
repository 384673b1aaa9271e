"""H23: files of the application belong to a number that in the new base is somebody else's, or has another name."""

from collections import Counter
from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import tolerate
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    was, now = evidence.old.accounts, evidence.rebased.accounts
    users = Counter(entry.uid for entry in evidence.own.values() if entry.uid)
    groups = Counter(entry.gid for entry in evidence.own.values() if entry.gid)
    for uid, count in users.items():
        for name in was.user_names(uid):
            account = now.users.get(name)
            if account is not None and account.uid != uid:
                yield _finding("user", name, (uid, account.uid), count)
    for gid, count in groups.items():
        for name in was.group_names(gid):
            group = now.groups.get(name)
            if group is not None and group.gid != gid:
                yield _finding("group", name, (gid, group.gid), count)


def _finding(kind: str, name: str, numbers: tuple[int, int], count: int) -> Finding:
    old, new = numbers
    return Finding(
        CHECK.id,
        Severity.BLOCKER,
        f"{count} files of the application belong to the {kind} {printable(name)} by its number {old}, which in the "
        f"new base is {new}",
        tolerate(CHECK.id, f"nobody needs to be {printable(name)} for these files"),
        subject=printable(name),
        before=old,
        after=new,
    )


CHECK = LayerCheck("owner-renumbered", "Owners of the application's files have kept their numbers", _run)
