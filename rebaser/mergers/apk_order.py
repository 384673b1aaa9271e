"""In which order does apk write what has names?"""

from collections.abc import Iterable
from itertools import pairwise


def display_order(name: str) -> tuple[bytes, bytes]:
    """Return by what apk sorts names: their bytes, first as if `A` to `Z` were small."""
    raw = name.encode("utf-8", "surrogateescape")
    return raw.lower(), raw


def is_sorted(names: Iterable[str]) -> bool:
    """Return whether apk wrote these, as far as their order tells."""
    return all(left <= right for left, right in pairwise(map(display_order, names)))
