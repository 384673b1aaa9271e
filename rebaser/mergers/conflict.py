"""What a merger answers where both sides changed one thing in different ways."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Conflict:
    """What both sides changed in different ways, by name: `libssl3: Version`, `root: shell`, `line 7`. Sorted.

    The same for the application's and the new base's versions exchanged.
    """

    subjects: tuple[str, ...]


Merger: TypeAlias = Callable[[bytes, bytes, bytes], bytes | Conflict]
"""From the old base's, the application's and the new base's file, in this order; one that is absent is empty.

Laws: merge(o, o, n) = n; merge(o, a, o) = a; merge(o, x, x) = x. May raise `MalformedError`.
"""


class BothChangedError(Exception):
    """Raised inside a merger; never seen outside of one."""

    def __init__(self, *subjects: str) -> None:
        super().__init__(*subjects)
        self.subjects = subjects


def conflict(subjects: Iterable[str]) -> Conflict:
    """Return the conflict of these, each once."""
    return Conflict(tuple(sorted(set(subjects))))


def plain(old: Value, app: Value, new: Value, subject: str) -> Value:
    """Return the value of the side that differs from the old one, or of both.

    Raises:
        BothChangedError: they differ from it and from each other.
    """
    if app in (old, new):
        return new
    if new == old:
        return app
    raise BothChangedError(subject)
