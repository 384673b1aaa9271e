"""A library of a runtime's own directory, which it loads by name, is not in the new base's directory for it."""

import re
from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.contents.elf import Elf
from rebaser.layers.entry import parent_of
from rebaser.layers.filesystem import FileSystem
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_RUNTIMES = re.compile(r"(?:^|/)(?:jvm|java|openjdk[^/]*|jdk[^/]*|dotnet|ruby|php|perl)(?:/|$)")


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = _libraries(evidence.old.files), _libraries(evidence.new.files)
    anywhere = frozenset(name for names in after.values() for name in names)
    for directory, names in before.items():
        lost = sorted(names.keys() - anywhere) if directory in after else []
        if lost:
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The old base's {shown(names[lost[0]])} has libraries of a runtime that the new base's has not: "
                f"{listed(lost)}",
                "Look whether the runtime still has that part, and whether the application uses it.",
                subject=shown(names[lost[0]]),
                before=lost[:20],
            )


def _libraries(files: FileSystem) -> dict[str, dict[str, str]]:
    """Return the libraries in directories of runtimes: by directory without its numbers, name and real directory."""
    found: dict[str, dict[str, str]] = {}
    for path, node in files.nodes.items():
        directory = parent_of(path)
        if isinstance(node.entry.facts, Elf) and ".so" in path and _RUNTIMES.search(directory):
            name = _NUMBER.sub("#", path.rpartition("/")[2])
            found.setdefault(_NUMBER.sub("#", directory), {})[name] = directory
    return found


CHECK = LayerCheck("runtime-incomplete", "Runtimes have the libraries that they load by name", _run)
