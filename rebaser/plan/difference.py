"""What differs between two file systems: paths that came, went, or hold or allow something else."""

from dataclasses import dataclass
from typing import Literal

from rebaser.layers.entry import Entry, same_access, same_content
from rebaser.layers.filesystem import FileSystem

Change = Literal["added", "removed", "content", "access"]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A path that differs: `content` where it holds something else, `access` where only owner, mode or attributes."""

    path: str
    change: Change
    before: Entry | None
    after: Entry | None


def compare_files(before: FileSystem, after: FileSystem) -> tuple[FileChange, ...]:
    """Return what differs, by path. Times are no difference."""
    found = []
    for path in sorted({*before.nodes, *after.nodes}):
        was, now = before.entry(path), after.entry(path)
        change = _change(was, now)
        if change is not None and path:
            found.append(FileChange(path, change, was, now))
    return tuple(found)


def _change(was: Entry | None, now: Entry | None) -> Change | None:
    if was is None or now is None:
        return "added" if was is None else "removed"
    if not same_content(was, now):
        return "content"
    return None if same_access(was, now) else "access"
