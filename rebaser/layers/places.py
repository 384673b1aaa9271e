"""Where a layer's paths lead, through the links that the layer itself has put on the way before.

Engines unpack a layer in its order, into a place of its own, and go through links that are there. What the layers below
have at such a path is not asked here: that engines differ in (W9).
"""

from typing import NamedTuple

from rebaser.layers import whiteout
from rebaser.layers.entry import clean_path
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.layers.tar import Member

_DIRECTORY, _SYMLINK, _HARD_LINK, _FILE = "5", "2", "1", "0"
_MAX_LINKS = 40  # symbolic links followed for one path, as Linux does


class Place(NamedTuple):
    """Where a member lies, and where what it joins does if it is a hard link: `link` is a symbolic link's text else.

    `told` is its path as the layer has it, cleaned: another one if it leads through links. `kind` is tar's flag, as
    `Member` has it. `mark` says what a whiteout does, whatever kind of member it is.
    """

    path: str
    told: str
    kind: str
    link: str
    mark: whiteout.Whiteout | None = None


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

    def of(self, member: Member) -> Place:
        """Return where a member lies.

        Raises:
            UnreadableError: as `real`; or engines would not agree on it.
        """
        told = clean_path(member.path, self._limits)
        path = self.real(told)
        mark = whiteout.read(path)
        if mark is not None:
            return Place(path, told, member.kind, member.link, mark)
        if not path and member.kind != _DIRECTORY:
            raise UnreadableError("its root is a member that is no directory")
        link = self.real(clean_path(member.link, self._limits)) if member.kind == _HARD_LINK else member.link
        return Place(path, told, member.kind, link)

    def has(self, directory: str) -> bool:
        """Answer whether the layer has a directory, be it only as part of a longer path."""
        return directory in self._real

    def add(self, place: Place) -> None:
        """Take notice of what the layer puts at its real path."""
        path = place.path
        if place.mark is not None or (place.kind == _FILE and path not in self._links):
            return
        was = self._links.pop(path, None)
        target = self._target(place)
        if target is not None:
            self._links[path] = target
        if was is not None or (target is not None and path in self._real):
            self._real = {"": ""}  # what was known may have led through here
        if place.kind == _DIRECTORY:
            self._real[path] = path

    def _target(self, place: Place) -> str | None:
        if place.kind == _SYMLINK:
            return place.link
        return self._links.get(place.link) if place.kind == _HARD_LINK else None

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
