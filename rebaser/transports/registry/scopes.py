"""What a token is to be good for: one scope per repository, all its actions together, in a fixed order."""

from collections.abc import Iterable
from dataclasses import dataclass

PULL = frozenset({"pull"})
PUSH = frozenset({"pull", "push"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be done to one repository."""

    path: str
    actions: frozenset[str]

    def __str__(self) -> str:
        """Return the scope as token servers read it; some give only the last of two scopes for one repository."""
        return f"repository:{self.path}:{','.join(sorted(self.actions))}"

    def covers(self, other: "Scope") -> bool:
        """Answer whether a token for this is good for `other` too."""
        return self.path == other.path and self.actions >= other.actions


Scopes = tuple[Scope, ...]


def merged(wanted: Iterable[Scope]) -> Scopes:
    """Return one scope per repository, in the order of their first mention: what is written to comes first."""
    actions: dict[str, frozenset[str]] = {}
    for scope in wanted:
        actions[scope.path] = actions.get(scope.path, frozenset()) | scope.actions
    return tuple(Scope(path, all_of_them) for path, all_of_them in actions.items())
