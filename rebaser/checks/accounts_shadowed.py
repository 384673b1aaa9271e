"""H10: the application's layers hold the whole list of accounts, and the new base's list differs."""

from collections.abc import Iterable, Iterator, Mapping

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, tolerate
from rebaser.layers.entry import same_content
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.accounts import Accounts

_LISTS = ("etc/passwd", "etc/group")
_HIDDEN = ("etc/shadow", "etc/gshadow", "etc/subuid", "etc/subgid")


def _run(evidence: Evidence) -> Iterable[Finding]:
    for path in (*_LISTS, *_HIDDEN):
        own = evidence.own.get(path)
        old, new = evidence.old.files.entry(path), evidence.new.files.entry(path)
        if own is None or old is None or new is None or same_content(old, new) or same_content(own, new):
            continue
        if path in evidence.merge.unmerged or evidence.is_copied(path):
            continue
        lost = tuple(_lost(path, evidence)) if path in _LISTS else ()
        if lost or path in _HIDDEN:
            yield _finding(path, lost)


def _lost(path: str, evidence: Evidence) -> Iterator[str]:
    """Yield the accounts of the new base that are not there, or have another number, in the application's list."""
    theirs, mine = (_numbers(path, system.accounts) for system in (evidence.new, evidence.rebased))
    old = _numbers(path, evidence.old.accounts)
    for name, number in theirs.items():
        if mine.get(name) != number and (name in old or name not in mine) and old.get(name) != number:
            yield name


def _numbers(path: str, accounts: Accounts) -> Mapping[str, int]:
    if path == "etc/passwd":
        return {user.name: user.uid for user in accounts.users.values()}
    return {group.name: group.gid for group in accounts.groups.values()}


def _finding(path: str, lost: tuple[str, ...]) -> Finding:
    what = f"; its accounts {listed(lost)} would be missing or have another number" if lost else ""
    return Finding(
        CHECK.id,
        Severity.BLOCKER if lost else Severity.WARNING,
        f"The application's layers hold /{path}, as useradd writes it, and the new base changed it{what}",
        tolerate(CHECK.id, "no account of the new base is needed"),
        subject=f"/{path}",
        before=None,
        after=list(lost),
    )


CHECK = LayerCheck("accounts-shadowed", "The new base's accounts are there", _run)
