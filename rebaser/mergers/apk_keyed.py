"""What becomes of things that have names, where both sides added, changed or removed some?"""

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from rebaser.mergers.conflict import BothChangedError, Value

Key = TypeVar("Key", bound=Hashable)


def merge_keyed(
    old: Mapping[Key, Value],
    app: Mapping[Key, Value],
    new: Mapping[Key, Value],
    meaning: Callable[[Value], object],
    subject: Callable[[Key], str],
) -> dict[Key, Value]:
    """Return what is left of the new base's, in its order, then what the application added, in its order.

    Values with one meaning are one value. It is written as the new base has it, or, where only the application wrote it
    anew, as the application has it: its tools would have done so again. What one side removed and the other changed
    goes with the application: it is what its layers hold, or have whiteouts for.

    Raises:
        BothChangedError: both sides have a value for one key, and they differ from each other and from the old one.
    """
    merged: dict[Key, Value] = {}
    clashes = []
    for key in {**new, **app}:
        try:
            value = _settled(old.get(key), app.get(key), new.get(key), meaning)
        except BothChangedError:
            clashes.append(subject(key))
            continue
        if value is not None:
            merged[key] = value
    if clashes:
        raise BothChangedError(*clashes)
    return merged


def _settled(
    old: Value | None, app: Value | None, new: Value | None, meaning: Callable[[Value], object]
) -> Value | None:
    if app in (old, new):
        return new
    if new == old:
        return app
    before, ours, theirs = (None if value is None else meaning(value) for value in (old, app, new))
    if ours in (before, theirs):
        return new
    if app is None or new is None or theirs == before:
        return app
    raise BothChangedError
