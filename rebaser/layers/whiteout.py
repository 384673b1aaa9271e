"""Names by which a layer removes what layers below it hold. image-spec layer.md#whiteouts."""

from enum import Enum
from typing import NamedTuple

from rebaser.layers.limits import UnreadableError

PREFIX = ".wh."
_OPAQUE = ".wh..wh..opq"
_RECORD = ".wh..wh."


class Mark(Enum):
    """What a name says: one path is removed, a directory hides all below it, or it means nothing any more."""

    REMOVED = 1
    OPAQUE = 2
    RECORD = 3


class Whiteout(NamedTuple):
    """A mark, and the path that it is about."""

    kind: Mark
    path: str


def read(path: str) -> Whiteout | None:
    """Return what a path says of layers below; None where it is an ordinary one.

    Raises:
        UnreadableError: it would remove a directory's self, or stands where only an ordinary directory can (W11).
    """
    if PREFIX not in path:
        return None
    directory, _, name = path.rpartition("/")
    if directory.startswith(PREFIX) or f"/{PREFIX}" in directory:
        raise UnreadableError(f"the path {path!r} goes through a whiteout")
    if not name.startswith(PREFIX):
        return None
    if name.startswith(_RECORD):
        return Whiteout(Mark.OPAQUE, directory) if name == _OPAQUE else Whiteout(Mark.RECORD, path)
    removed = name[len(PREFIX) :]
    if removed in ("", ".", ".."):
        raise UnreadableError(f"the whiteout {path!r} removes nothing that has a name")
    return Whiteout(Mark.REMOVED, f"{directory}/{removed}" if directory else removed)


def written(marked: Whiteout) -> str:
    """Return the path that says it, as `read` reads it; a record's path is its own."""
    if marked.kind is Mark.RECORD:
        return marked.path
    if marked.kind is Mark.OPAQUE:
        return f"{marked.path}/{_OPAQUE}" if marked.path else _OPAQUE
    directory, slash, name = marked.path.rpartition("/")
    return f"{directory}{slash}{PREFIX}{name}"
