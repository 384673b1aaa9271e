"""What becomes of a list that both sides edited, one thing a line, such as /etc/shells and apk's `world`?

The order of such lines says nothing, so that two lines added at one place are both there afterwards.
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.conflict import BothChangedError, Conflict, conflict, plain

_MAX = 1 << 20  # bytes
_HASHED = re.compile(rb"[0-9a-f]{32} [ *](/.*)", re.DOTALL)  # ucf's hashfile, as md5sum(1) writes
_NOWHERE = b"\n"  # the name of no line
_DEPENDENCY = re.compile(rb"!?([a-z0-9._:+-]+)(?:[<>=~@][^/]*)?", re.IGNORECASE | re.DOTALL)  # apk-world(5)


def merge_lines(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the new base's lines without those that the application removed, and with those that it added.

    One that it added stands behind the one that it follows in the application's file, else at the end. A file's hash, a
    package's version and a leading `!` are no names: where both sides changed them in different ways, the name is in
    conflict. Lines that are there twice, as blank ones, are as often there as in the new base.

    Raises:
        MalformedError: both sides changed it, and one is larger than 1 MiB.
    """
    if app in (old, new):
        return new
    if new == old:
        return app
    lines, ours, theirs = _by_name(old), _by_name(app), _by_name(new)
    merged: dict[bytes, bytes | None] = {}
    clashes: list[str] = []
    for name in {**theirs, **ours}:
        subject = name.decode("utf-8", "surrogateescape")
        try:
            merged[name] = plain(lines.get(name), ours.get(name), theirs.get(name), subject)
        except BothChangedError as error:
            clashes += error.subjects
    return conflict(clashes) if clashes else _written(app, new, merged)


def _written(app: bytes, new: bytes, merged: Mapping[bytes, bytes | None]) -> bytes:
    """Return what is left of the new base's lines, each followed by those that the application added behind it."""
    behind = _added(app, new, merged)
    there = _by_name(new)
    places = {_name(line): at for at, line in enumerate(_lines(new))}
    written: list[bytes] = []
    for at, line in enumerate(_lines(new)):
        name = _name(line)
        value = merged[name]
        if value is not None:
            written.append(line if value == there[name] else value)
        if places[name] == at:
            written += behind.pop(name, [])
    return b"".join(line + b"\n" for line in [*written, *behind[_NOWHERE]])


def _added(app: bytes, new: bytes, merged: Mapping[bytes, bytes | None]) -> dict[bytes, list[bytes]]:
    """Return the lines that only the application has, by the name of the line of the new base that they follow."""
    there = _by_name(new)
    added: dict[bytes, list[bytes]] = defaultdict(list)
    last = _NOWHERE
    for line in _lines(app):
        name = _name(line)
        if merged[name] is not None and name not in there:
            added[last].append(line)
        elif merged[name] is not None and name:
            last = name
    return added


def _by_name(body: bytes) -> dict[bytes, bytes]:
    if len(body) > _MAX:
        raise MalformedError(f"the list has {len(body)} bytes")
    return {_name(line): line for line in _lines(body)}


def _lines(body: bytes) -> list[bytes]:
    return body.removesuffix(b"\n").split(b"\n") if body else []


def _name(line: bytes) -> bytes:
    """Return what the line is about; a blank line and a comment are about themselves."""
    known = _HASHED.fullmatch(line) or _DEPENDENCY.fullmatch(line)
    return known[1] if known else line.removeprefix(b"!") or line
