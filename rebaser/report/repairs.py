"""What the merge layer does, by what was done: the words for it, and the paths."""

from collections.abc import Sequence

from rebaser.report.model import RepairEntry

_WORDS = {
    "merged": "merged",
    "taken": "taken from the new base",
    "kept": "kept from the application",
    "removed": "removed",
    "access": "owner or mode only",
}


def by_action(files: Sequence[RepairEntry]) -> list[tuple[str, list[str]]]:
    """Return the paths under the words for what was done to them, in a fixed order, without what was not done."""
    found = [(words, [file.path for file in files if file.action == action]) for action, words in _WORDS.items()]
    return [(words, paths) for words, paths in found if paths]
