"""Values of the old base's environment that the new base changed, and where they still stand.

Builders record every value expanded, so what was written as `$JAVA_HOME/lib` looks like any other text. Where the new
base gives that variable another value, a rebuild would have given another text.
"""

from collections.abc import Iterator, Mapping

_SHORTEST_TELLING = 4  # characters; a shorter value (`1`, `yes`) stands in others by chance


def changed_values(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the old base's variables that have another value, or none, in the new base, and can be recognized."""
    return {name: value for name, value in old.items() if new.get(name) != value and _telling(value)}


def standing_in(text: str, changed: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of the variables whose old value stands in `text`."""
    return (name for name, value in changed.items() if _embeds(text, value))


def _telling(value: str) -> bool:
    return len(value) >= _SHORTEST_TELLING or (len(value) > 1 and value.startswith("/"))


def _embeds(text: str, value: str) -> bool:
    """Answer whether `value` stands in `text` and not just as a part of a longer word."""
    at = text.find(value)
    while at >= 0:
        before, after = text[max(at - 1, 0) : at], text[at + len(value) : at + len(value) + 1]
        if not before.isalnum() and not after.isalnum() and after not in ("-", "_", "."):
            return True
        at = text.find(value, at + 1)
    return False
