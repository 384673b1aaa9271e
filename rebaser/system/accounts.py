"""Who there is in an image: users and groups by name and number, and what a config's `User` means there."""

from collections.abc import Mapping
from dataclasses import dataclass

from rebaser.contents.accounts import Account, Group, read_group, read_passwd
from rebaser.layers.filesystem import FileSystem

_DIGITS = 10  # of a number that Linux knows


@dataclass(frozen=True, slots=True)
class Accounts:
    """Users and groups, the first of each name as getpwnam(3) finds it."""

    users: Mapping[str, Account]
    groups: Mapping[str, Group]

    def user_names(self, uid: int) -> tuple[str, ...]:
        """Return the users that have a number."""
        return tuple(user.name for user in self.users.values() if user.uid == uid)

    def group_names(self, gid: int) -> tuple[str, ...]:
        """Return the groups that have a number."""
        return tuple(group.name for group in self.groups.values() if group.gid == gid)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a process runs as; `groups` are all of its groups' numbers."""

    uid: int
    gid: int
    groups: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A user or group that a config names and the image does not have."""

    name: str
    kind: str


def accounts(files: FileSystem) -> Accounts:
    """Return the accounts of an image; none where it has no such files."""
    users: dict[str, Account] = {}
    groups: dict[str, Group] = {}
    for user in read_passwd(_body(files, "etc/passwd")):
        users.setdefault(user.name, user)
    for group in read_group(_body(files, "etc/group")):
        groups.setdefault(group.name, group)
    return Accounts(users, groups)


def identity(told: str, known: Accounts) -> Identity | Unknown:
    """Return whom a config's `User` means, `user[:group]` by name or number; image-spec config.md#properties."""
    user, _, group = told.partition(":")
    account = known.users.get(user) if user else known.users.get("root")
    if account is None and not _is_number(user or "0"):
        return Unknown(user, "user")
    uid = account.uid if account else int(user or "0")
    if account is None:
        account = next((one for one in known.users.values() if one.uid == uid), None)
    gid = account.gid if account else 0
    if group:
        named = known.groups.get(group)
        if named is None and not _is_number(group):
            return Unknown(group, "group")
        gid = named.gid if named else int(group)
    name = account.name if account else ""
    more = {one.gid for one in known.groups.values() if name and name in one.members and not group}
    return Identity(uid, gid, frozenset({gid, *more}))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def _body(files: FileSystem, path: str) -> bytes:
    entry = files.find(path)
    return entry.whole or b"" if entry is not None else b""
