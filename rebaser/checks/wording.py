"""Words that findings share."""

from collections.abc import Iterable

from rebaser.printable import printable

REBUILD = "Rebuild the image on the new base"
_SHOWN = 5  # of many; the report is for people as well


def shown(path: str) -> str:
    """Return a path as people read it."""
    return printable(path if path.startswith("/") else f"/{path}")


def listed(names: Iterable[str]) -> str:
    """Return names in a sentence: the first few, and how many more there are."""
    known = [printable(name) for name in names]
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more


def tolerate(check: str, otherwise: str) -> str:
    """Return the remedy that names the input for those who know better."""
    return f"{REBUILD}, or name {check} in `tolerate` if {otherwise}."
