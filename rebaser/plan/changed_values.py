"""Values of the old base's environment that the new base changed, and where they still stand.

Builders record every value expanded, so what was written as `$JAVA_HOME/lib` looks like any other text. Where the new
base gives that variable another value, a rebuild would have given another text.
"""

from collections.abc import Iterator, Mapping

from rebaser.plan.model import Weight

_SHORTEST_TELLING = 4  # characters; a shorter value (`1`, `yes`) often stands in others by chance
_ONE_MORE_NAME = ("-", "_", ".")


def changed_values(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the old base's variables that have another value, or none, in the new base."""
    return {name: value for name, value in old.items() if value and new.get(name) != value}


def standing_in(text: str, changed: Mapping[str, str]) -> Iterator[tuple[str, Weight]]:
    """Yield the variables whose old value stands in `text`; one that may stand there by chance is only a note."""
    for name, value in changed.items():
        if _embeds(text, value):
            yield name, Weight.WARNING if _telling(value) else Weight.NOTE


def _telling(value: str) -> bool:
    return len(value) >= _SHORTEST_TELLING or (len(value) > 1 and value.startswith("/"))


def _embeds(text: str, value: str) -> bool:
    """Answer whether `value` stands in `text` and not just as a part of a longer word or number."""
    at = text.find(value)
    while at >= 0:
        before, after = text[max(at - 1, 0) : at], text[at + len(value) : at + len(value) + 1]
        longer_name = _telling(value) and after in _ONE_MORE_NAME
        if not _one_word(before, value[0]) and not _one_word(value[-1], after) and not longer_name:
            return True
        at = text.find(value, at + 1)
    return False


def _one_word(left: str, right: str) -> bool:
    return (left.isalpha() and right.isalpha()) or (left.isdecimal() and right.isdecimal())
