"""Modules that a Perl source uses whenever it is compiled: `use` at the beginning of a line. perlfunc(1)."""

import re

_USE = re.compile(rb"^use[ \t]+([A-Z]\w*(?:::\w+)*)", re.MULTILINE)
_END = re.compile(rb"^__(?:END|DATA)__", re.MULTILINE)
_MAX = 4 << 20  # bytes of a source


def used(body: bytes) -> frozenset[str]:
    """Return the names of the modules; what stands in a block, or behind the end of the code, is not counted."""
    code = body[:_MAX]
    end = _END.search(code)
    return frozenset(name.decode() for name in _USE.findall(code[: end.start()] if end else code))
