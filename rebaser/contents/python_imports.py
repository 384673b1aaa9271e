"""Modules that a Python source imports whenever it is loaded: import statements at the beginning of a line."""

import re

_IMPORT = re.compile(
    rb"^(?:import[ \t]+([A-Za-z_][\w., \t]*)|from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b)", re.MULTILINE
)
_MAX = 4 << 20  # bytes of a source
_NAME = re.compile(r"[A-Za-z_]\w*")


def imported(body: bytes) -> frozenset[str]:
    """Return the top-level names of what is imported; what stands in a branch or a `try` is not counted."""
    found: set[str] = set()
    for match in _IMPORT.finditer(body[:_MAX]):
        if match[2]:
            found.add(match[2].decode())
            continue
        for part in match[1].decode("ascii", "ignore").split(","):
            name = _NAME.match(part.strip())
            if name:
                found.add(name[0])
    return frozenset(found)
