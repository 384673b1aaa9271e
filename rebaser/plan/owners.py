"""To whom does a directory belong that a step gave to an account of the base, now that the account has another number?

A step names accounts, and a layer holds numbers. A rebuild would look the name up in the new base.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from rebaser.layers.entry import Entry, Kind
from rebaser.plan.evidence import Evidence
from rebaser.plan.model import Sides
from rebaser.plan.replay import Instruction


class Renumbered(NamedTuple):
    """The numbers of the old base's accounts that have another one in the new base, with that one."""

    users: Mapping[int, int]
    groups: Mapping[int, int]


def by_name(path: str, entry: Entry, three: Sides[Entry | None], evidence: Evidence) -> Entry:
    """Return the entry of a directory that a RUN gave to accounts of the base, with their numbers in the new base.

    A number that the step tells itself stays, and so does one that in the old base was of no account or of several.
    """
    old, app = three.old, three.app
    if app is None or entry.kind is not Kind.DIRECTORY or path not in evidence.own:
        return entry
    known = evidence.new.remember("accounts that have another number", lambda: _renumbered(evidence))
    if old is None or old.uid != app.uid:
        entry = entry._replace(uid=_followed(entry.uid, known.users, path, evidence))
    if old is None or old.gid != app.gid:
        entry = entry._replace(gid=_followed(entry.gid, known.groups, path, evidence))
    return entry


def _followed(number: int, known: Mapping[int, int], path: str, evidence: Evidence) -> int:
    if number not in known:
        return number
    layer = evidence.rebased.files.nodes[path].layer - evidence.new.files.layers
    step = evidence.made_by[layer]
    named = evidence.new.remember(f"whether layer {layer} tells {number}", lambda: _is_by_name(number, step))
    return known[number] if named else number


def _is_by_name(number: int, step: Instruction | None) -> bool:
    if step is None or step.keyword != "RUN":
        return False
    return re.search(rf"(?<![0-9]){number}(?![0-9])", step.arguments) is None


def _renumbered(evidence: Evidence) -> Renumbered:
    systems = (evidence.old, evidence.original, evidence.new)
    users = ({name: one.uid for name, one in system.accounts.users.items()} for system in systems)
    groups = ({name: one.gid for name, one in system.accounts.groups.items()} for system in systems)
    return Renumbered(_pairs(*users), _pairs(*groups))


def _pairs(old: Mapping[str, int], app: Mapping[str, int], new: Mapping[str, int]) -> Mapping[int, int]:
    names: dict[int, list[str]] = {}
    for name, number in old.items():
        names.setdefault(number, []).append(name)
    sole = {number: several[0] for number, several in names.items() if len(several) == 1}
    return {
        number: new[name]
        for number, name in sole.items()
        if app.get(name) == number and new.get(name, number) != number
    }
