"""Merges lists of named things, as the databases of packages and accounts are.

They come out in the new base's order, the application's own each after the one that it stood behind, and those that it
put at the end there again.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Literal, TypeAlias, TypeVar

from rebaser.mergers.conflict import BothChangedError, Conflict, conflict

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")
Key: TypeAlias = tuple[str, ...]
Side: TypeAlias = Literal["app", "new"]

Rule: TypeAlias = Callable[[Name, Value | None, Value | None, Value | None], Value | None]
"""What becomes of one thing that neither side has as the old base did, nor both alike: its name, old, app, new.

None is what is not there. May raise `BothChangedError`.
"""
Combine: TypeAlias = Callable[[Name, Value | None, Value, Value], Value]
"""What becomes of one that both sides have. May raise `BothChangedError`."""


def merge_keyed(
    old: Mapping[Name, Value], app: Mapping[Name, Value], new: Mapping[Name, Value], rule: Rule[Name, Value]
) -> dict[Name, Value] | Conflict:
    """Return the things that a side which changed them has, or the conflict of all that `rule` refused."""
    clashes: list[str] = []
    merged: dict[Name, Value] = {}
    for key in dict.fromkeys([*new, *app]):
        try:
            value = _merged(key, old.get(key), app.get(key), new.get(key), rule)
        except BothChangedError as error:
            clashes += error.subjects
            continue
        if value is not None:
            merged[key] = value
    return conflict(clashes) if clashes else {key: merged[key] for key in _in_order(app, new, merged)}


def both_have(combine: Combine[Key, Value]) -> Rule[Key, Value]:
    """Return the rule by which what one side removed and the other changed is in conflict."""

    def rule(key: Key, old: Value | None, app: Value | None, new: Value | None) -> Value | None:
        if app is None or new is None:
            raise BothChangedError(f"{' '.join(filter(None, key))}: removed")
        return combine(key, old, app, new)

    return rule


def by_meaning(meaning: Callable[[Value], object], subject: Callable[[Name], str]) -> Rule[Name, Value]:
    """Return the rule by which values of one meaning are one value, and others are in conflict, named by `subject`.

    It is written as the new base has it, or, where only the application wrote it anew, as the application has it: its
    tools would have done so again. What one side removed and the other changed goes with the application: it is what
    its layers hold, or have whiteouts for.
    """

    def rule(key: Name, old: Value | None, app: Value | None, new: Value | None) -> Value | None:
        before, ours, theirs = (None if value is None else meaning(value) for value in (old, app, new))
        if ours in (before, theirs):
            return new
        if app is None or new is None or theirs == before:
            return app
        raise BothChangedError(subject(key))

    return rule


def decided(sides: Mapping[Name, Side], rule: Rule[Name, Value]) -> Rule[Name, Value]:
    """Return the rule that gives the things of `sides` to the side that is told there, and leaves others to `rule`."""

    def chosen(key: Name, old: Value | None, app: Value | None, new: Value | None) -> Value | None:
        return {"app": app, "new": new}[sides[key]] if key in sides else rule(key, old, app, new)

    return chosen


def unique_keys(named: Iterable[tuple[Key, Value]]) -> dict[Key, Value]:
    """Return things by key; of several with one key, those behind the first get a number as well."""
    found: dict[Key, Value] = {}
    seen: dict[Key, int] = {}
    for key, value in named:
        seen[key] = seen.get(key, 0) + 1
        found[(*key, str(seen[key])) if seen[key] > 1 else key] = value
    return found


def _merged(
    key: Name, old: Value | None, app: Value | None, new: Value | None, rule: Rule[Name, Value]
) -> Value | None:
    if app in (old, new):
        return new
    if new == old:
        return app
    return rule(key, old, app, new)


def _in_order(app: Iterable[Name], new: Iterable[Name], merged: Mapping[Name, Value]) -> Iterator[Name]:
    ours, theirs = ([key for key in side if key in merged] for side in (app, new))
    placed, behind = set(theirs), dict[Name | None, list[Name]]()
    before: Name | None = None
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
