"""H26: what the container starts with, or its working directory, cannot be reached by the user that it runs as."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, shown
from rebaser.layers.entry import Entry, Kind, parents_of
from rebaser.layers.filesystem import FileSystem
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.accounts import Identity
from rebaser.system.commands import start
from rebaser.system.model import System

_READ, _EXECUTE = 4, 1


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = evidence.original.identity, evidence.rebased.identity
    if not isinstance(after, Identity) or not isinstance(before, Identity) or after.uid == 0:
        return
    closed = {shown(entry.path) for entry in _closed(evidence.original, before)}
    for entry in _closed(evidence.rebased, after):
        if shown(entry.path) not in closed:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The container runs as number {after.uid}, who may not use {shown(entry.path)} "
                f"(mode {entry.mode:04o}, owner {entry.uid}:{entry.gid})",
                f"{REBUILD}, with an owner or mode for it in the Dockerfile.",
                subject=shown(entry.path),
                after=f"{entry.mode:04o}",
            )


def _closed(system: System, user: Identity) -> Iterator[Entry]:
    """Yield what the user would need to start, and may not use."""
    words = system.command
    chain = start(system.files, system.path, words[0], system.directory) if words else ()
    for entry in chain if isinstance(chain, tuple) else ():
        yield from _barriers(system.files, entry, user, _EXECUTE if not entry.body else _READ | _EXECUTE)
    place = system.files.find(system.directory)
    if place is not None and place.kind is Kind.DIRECTORY:
        yield from _barriers(system.files, place, user, _EXECUTE)


def _barriers(files: FileSystem, entry: Entry, user: Identity, wanted: int) -> Iterator[Entry]:
    for directory in parents_of(entry.path):
        above = files.entry(directory)
        if above is not None and not _may(above, user, _EXECUTE):
            yield above
    if not _may(entry, user, wanted):
        yield entry


def _may(entry: Entry, user: Identity, wanted: int) -> bool:
    if entry.uid == user.uid:
        bits = entry.mode >> 6
    elif entry.gid == user.gid or entry.gid in user.groups:
        bits = entry.mode >> 3
    else:
        bits = entry.mode
    return bits & wanted == wanted


CHECK = LayerCheck("unreadable-by-user", "The user may start what the container starts with", _run)
