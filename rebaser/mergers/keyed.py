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

    Values with one meaning are one value, of which the new base's is taken. What one side removed and the other changed
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
    def same(left: Value | None, right: Value | None) -> bool:
        if left is None or right is None:
            return left is right
        return left == right or meaning(left) == meaning(right)

    if same(app, old) or same(app, new):
        return new
    if app is None or new is None or same(new, old):
        return app
    raise BothChangedError
