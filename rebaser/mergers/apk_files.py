"""How files of apk's are merged, whose parts have names: what all of them have in common.

A file that the application removed as a whole stays away. One in which nothing has another meaning than in the new
base's is the new base's.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from rebaser.mergers.conflict import Conflict
from rebaser.mergers.keyed import Rule, merge_keyed

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")


def merge_parts(
    bodies: tuple[bytes, bytes, bytes],
    read: Callable[[bytes], Mapping[Name, Value]],
    rule: Rule[Name, Value],
    write: Callable[[Mapping[Name, Value], Mapping[Name, Value]], bytes],
) -> bytes | Conflict:
    """Return the merged file; `bodies` are the old base's, the application's and the new base's.

    `write` is given the merged parts, in order, and the application's.
    """
    old, app, new = bodies
    if app in (old, new):
        return new
    if new == old or not app:
        return app
    before, ours, theirs = map(read, bodies)
    merged = merge_keyed(before, ours, theirs, rule)
    if isinstance(merged, Conflict):
        return merged
    return new if merged == theirs else write(merged, ours)
