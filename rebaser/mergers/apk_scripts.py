"""Which scripts of packages does apk keep, where both sides installed some? scripts.tar, and scripts.tar.gz of apk 3.

A member is named by its package, the package's checksum and when it runs: `zlib-1.3.1-r0.X1<hexadecimal>.trigger` from
apk 3, `zlib-1.3.1-r0.Q1<Base64>.trigger` from apk 2 and apko, which are one name to apk.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from rebaser.contents.apk_records import digest
from rebaser.mergers.apk_files import merge_parts
from rebaser.mergers.apk_order import display_order, is_sorted
from rebaser.mergers.conflict import Conflict
from rebaser.mergers.keyed import by_meaning
from rebaser.mergers.stored_gzip import is_gzip, stored_gzip, unpacked
from rebaser.mergers.tar_members import Member, archive, members

_ACTION = re.compile(r"[a-z-]+")
_RELEASE = re.compile(r"r[0-9]+")


class _Key(NamedTuple):
    """Which script it is: `package` with its version; one of a foreign name has it all in there."""

    package: str
    checksum: str = ""
    action: str = ""


def merge_scripts(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the archive with the scripts of both sides, each with its header as it stood; gzip if the new base's is.

    Sorted by package if the application's are, else in the new base's order. An archive that the application removed as
    a whole stays away. Conflicts are named as apk 3 names members.

    Raises:
        MalformedError: both sides changed it, and one is no tar archive, or larger than 64 MiB, unpacked as well.
    """
    packed = is_gzip(new or app)
    return merge_parts((old, app, new), _by_key, by_meaning(_meaning, _subject), _packed if packed else _written)


def _written(merged: Mapping[_Key, Member], ours: Mapping[_Key, Member]) -> bytes:
    is_apk_s = is_sorted(_package_name(key) for key in ours)
    keys = sorted(merged, key=lambda key: display_order(_package_name(key))) if is_apk_s else merged
    return archive([merged[key].raw for key in keys])


def _packed(merged: Mapping[_Key, Member], ours: Mapping[_Key, Member]) -> bytes:
    return stored_gzip(_written(merged, ours))


def _by_key(body: bytes) -> Mapping[_Key, Member]:
    """Return the members by what they are to apk, for which the last of several is the one."""
    return {_key(member.name): member for member in members(unpacked(body) if is_gzip(body) else body)}


def _key(name: bytes) -> _Key:
    text = name.decode("utf-8", "surrogateescape")
    package, *rest = text.rsplit(".", 2)
    if len(rest) < 2 or not _ACTION.fullmatch(rest[1]) or not (checksum := digest(rest[0])):  # noqa: PLR2004  of two
        return _Key(text)
    return _Key(package, checksum, rest[1])


def _package_name(key: _Key) -> str:
    """Return the name without version and release, by which apk sorts."""
    before, _, last = key.package.rpartition("-")
    return before.rpartition("-")[0] if _RELEASE.fullmatch(last) else before


def _meaning(member: Member) -> tuple[int, bytes, bytes]:
    return member.kind, member.link, member.content


def _subject(key: _Key) -> str:
    return f"{key.package}.X1{key.checksum}.{key.action}" if key.checksum else key.package
