"""Merges lists of named things, as the databases of packages and accounts are.

They come out in the new base's order, the application's own each after the one that it stood behind, and those that it
put at the end there again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from rebaser.mergers.conflict import BothChangedError

Key: TypeAlias = tuple[str, ...]
Value = TypeVar("Value")

Combine: TypeAlias = Callable[[Key, Value | None, Value, Value], Value]
"""What becomes of one thing that both sides have, and that neither has as the old base did: key, old, app, new."""


def merge_keyed(
    old: Mapping[Key, Value], app: Mapping[Key, Value], new: Mapping[Key, Value], combine: Combine[Value]
) -> dict[Key, Value]:
    """Return the things that a side which changed them has; `combine` is asked about those that both changed.

    Raises:
        BothChangedError: naming everything that one side removed and the other changed, or that `combine` refused.
    """
    conflicts: list[str] = []
    merged: dict[Key, Value] = {}
    for key in dict.fromkeys([*new, *app]):
        try:
            value = _merged(key, old.get(key), app.get(key), new.get(key), combine)
        except BothChangedError as error:
            conflicts += error.subjects
            continue
        if value is not None:
            merged[key] = value
    if conflicts:
        raise BothChangedError(*conflicts)
    return {key: merged[key] for key in _in_order(app, new, merged)}


def unique_keys(named: Iterable[tuple[Key, Value]]) -> dict[Key, Value]:
    """Return things by key; of several with one key, those behind the first get a number as well."""
    found: dict[Key, Value] = {}
    seen: dict[Key, int] = {}
    for key, value in named:
        seen[key] = seen.get(key, 0) + 1
        found[(*key, str(seen[key])) if seen[key] > 1 else key] = value
    return found


def _merged(key: Key, old: Value | None, app: Value | None, new: Value | None, combine: Combine[Value]) -> Value | None:
    if app in (old, new):
        return new
    if new == old:
        return app
    if app is None or new is None:
        raise BothChangedError(f"{' '.join(filter(None, key))}: removed")
    return combine(key, old, app, new)


def _in_order(app: Iterable[Key], new: Iterable[Key], merged: Mapping[Key, Value]) -> Iterator[Key]:
    ours, theirs = ([key for key in side if key in merged] for side in (app, new))
    placed, behind = set(theirs), dict[Key | None, list[Key]]()
    before: Key | None = None
    for key in ours:
        if key in placed:
            before = key
        else:
            behind.setdefault(before, []).append(key)
    last = behind.pop(before, [])
    yield from behind.get(None, ())
    for key in theirs:
        yield key
        yield from behind.get(key, ())
    yield from last
