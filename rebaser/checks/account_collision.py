"""H24: the number of an account that the application added is another account's in the new base."""

from collections.abc import Iterable, Mapping

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import tolerate
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.accounts import Accounts


def _run(evidence: Evidence) -> Iterable[Finding]:
    for kind in ("user", "group"):
        old, app, new = (_numbers(kind, one.accounts) for one in (evidence.old, evidence.original, evidence.new))
        added = {name: number for name, number in app.items() if name not in old}
        taken = {number: name for name, number in new.items() if name not in old and name not in app}
        for name, number in added.items():
            if number in taken:
                yield _finding(kind, name, taken[number], number)


def _numbers(kind: str, accounts: Accounts) -> Mapping[str, int]:
    if kind == "user":
        return {user.name: user.uid for user in accounts.users.values()}
    return {group.name: group.gid for group in accounts.groups.values()}


def _finding(kind: str, mine: str, theirs: str, number: int) -> Finding:
    return Finding(
        CHECK.id,
        Severity.BLOCKER,
        f"The {kind} {printable(mine)} that the application added has the number {number}, which in the new base is "
        f"{printable(theirs)}'s: each could do what the other may",
        tolerate(CHECK.id, "both may be the same"),
        subject=printable(mine),
        before=mine,
        after=theirs,
    )


CHECK = LayerCheck("account-collision", "No two accounts have one number", _run)
