"""Names of libraries that stand in a file as texts: `libssl.so.3`, which dlopen(3) may be given."""

import re

_NAME = re.compile(rb"(?:/[A-Za-z0-9_./+-]{1,200}/)?lib[A-Za-z0-9_+.-]{1,60}\.so(?:\.[0-9]{1,4}){1,3}(?![A-Za-z0-9_.])")
_OVERLAP = 300  # bytes of a piece that are looked at again with the next
_MAX = 200  # names of one file


class LibraryNames:
    """Is fed a file in pieces; `found` are the names so far."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._rest = b""

    def feed(self, piece: memoryview | bytes) -> None:
        """Take the next bytes of the file."""
        content = self._rest + bytes(piece)
        self._rest = content[-_OVERLAP:]
        if len(self.found) < _MAX:
            self.found |= {match.decode() for match in _NAME.findall(content)}
