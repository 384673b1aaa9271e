"""H17: the application removed a file of the old base, and the new base has it under another version's name or path."""

import re
from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Entry, Kind, parent_of
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import is_transient
from rebaser.request import Severity

_NUMBER = re.compile(r"[0-9]+")
_COMMANDS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin")
_HARDENING = frozenset({"sh", "bash", "dash", "busybox", "apt", "apt-get", "dpkg", "apk", "dnf", "yum", "rpm", "su"})


def _run(evidence: Evidence) -> Iterable[Finding]:
    names = _Names(evidence)
    for path, old in _removed(evidence):
        for again in dict.fromkeys((*names.alike(path), *_moved(path, evidence))):
            yield _finding(path, again, old)


def _is_back(path: str, evidence: Evidence) -> bool:
    """Answer whether the new base alone has a path, and it is seen."""
    return path in evidence.new.files and path not in evidence.old.files and path in evidence.rebased.files


def _removed(evidence: Evidence) -> Iterator[tuple[str, Entry]]:
    """Yield what the application removed of the old base, of a directory that alone; whatever became of its layers."""
    files = evidence.original.files
    for path, node in sorted(evidence.old.files.nodes.items()):
        if path not in files and parent_of(path) in files and not is_transient(path):
            yield path, node.entry


class _Names:
    """What the new base alone has in directories, by its name but for the numbers."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._known: dict[str, dict[str, str]] = {}

    def alike(self, path: str) -> Iterator[str]:
        """Yield what a directory has under the name of `path` with other numbers, the first of several."""
        directory, name = parent_of(path), path.rpartition("/")[2]
        real = self._evidence.new.files.real_path(directory)
        if real is not None and _NUMBER.search(name):
            if real not in self._known:
                self._known[real] = self._read(real)
            again = self._known[real].get(_NUMBER.sub("#", name))
            yield from (again,) if again is not None else ()

    def _read(self, directory: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self._evidence.new.files.children.get(directory, ()):
            inner = f"{directory}/{name}" if directory else name
            if _is_back(inner, self._evidence):
                found.setdefault(_NUMBER.sub("#", name), inner)
        return found


def _moved(path: str, evidence: Evidence) -> Iterator[str]:
    """Yield where the new base alone has the same command, in another directory of commands."""
    directory, name = parent_of(path), path.rpartition("/")[2]
    if directory in _COMMANDS:
        yield from (inner for other in _COMMANDS if _is_back(inner := f"{other}/{name}", evidence))


def _finding(path: str, again: str, old: Entry) -> Finding:
    name = _NUMBER.sub("", path.rpartition("/")[2]).strip("-.")
    hardening = old.is_privileged or (old.kind is Kind.FILE and name in _HARDENING)
    return Finding(
        CHECK.id,
        Severity.BLOCKER if hardening else Severity.WARNING,
        f"The application removed {shown(path)}; the new base has {shown(again)} in its place, which stays",
        tolerate(CHECK.id, "the new file may be there"),
        subject=shown(path),
        before=path,
        after=again,
    )


CHECK = LayerCheck("deletion-undone", "What the application removed stays removed", _run)
