"""Where a layer's paths lead, through the links that the layer itself has put on the way before.

Engines unpack a layer in its order, into a place of its own, and go through links that are there. What the layers below
have at such a path is not asked here: that engines differ in (W9).
"""

from rebaser.layers.entry import Entry, Kind, clean_path
from rebaser.layers.limits import Limits, UnreadableError

_MAX_LINKS = 40  # symbolic links followed for one path, as Linux does


class Places:
    """The directories and links of a layer, as far as it has been read."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._real = {"": ""}  # of each directory that something lies in
        self._links: dict[str, str] = {}
        self._made = 0

    def real(self, path: str) -> str:
        """Return the path with the layer's links in its directories followed, its own last part not.

        Raises:
            UnreadableError: it goes in circles, or the directories on the way are too many to be made.
        """
        directory, _, name = path.rpartition("/")
        real = self._real.get(directory)
        if real is None:
            real = self._real[directory] = self._enter(directory)
        if real == directory:
            return path
        return clean_path(f"{real}/{name}", self._limits)

    def has(self, directory: str) -> bool:
        """Answer whether the layer has a directory, be it only as part of a longer path."""
        return directory in self._real

    def add(self, entry: Entry) -> None:
        """Take notice of what the layer puts at its real path."""
        path = entry.path
        if entry.kind is Kind.FILE and path not in self._links:
            return
        was = self._links.pop(path, None)
        target = entry.link if entry.kind is Kind.SYMLINK else self._links.get(entry.link) if entry.link else None
        if target is not None:
            self._links[path] = target
        if was is not None or (target is not None and path in self._real):
            self._real = {"": ""}  # what was known may have led through here
        if entry.kind is Kind.DIRECTORY:
            self._real[path] = path

    def _enter(self, directory: str) -> str:
        above, _, _ = directory.rpartition("/")
        if directory not in self._links and self._real.get(above) == above:
            return directory
        waiting, at, links = directory.split("/")[::-1], "", 0
        while waiting:
            part = waiting.pop()
            if part in ("", ".", ".."):
                at = at.rpartition("/")[0] if part == ".." else at
                continue
            inner = f"{at}/{part}" if at else part
            target = self._links.get(inner)
            if target is None:
                at = inner
                if not links:
                    self._make(at)
                continue
            links += 1
            if links > _MAX_LINKS:
                raise UnreadableError(f"the path {directory!r} goes in circles through the layer's own links")
            at = "" if target.startswith("/") else at
            waiting += target.split("/")[::-1]
        return at

    def _make(self, directory: str) -> None:
        if directory not in self._real:
            self._real[directory] = directory
            self._made += len(directory)
            if self._made > self._limits.implied:
                raise UnreadableError("more directories would have to be made for it than are read")
