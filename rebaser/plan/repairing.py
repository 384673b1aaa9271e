"""From what is to stand at each path, and the contents of the three sides, to repairs and to what cannot be merged."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rebaser.contents.malformed import MalformedError
from rebaser.layers.bodies import Body
from rebaser.layers.entry import Entry, Kind, same_content
from rebaser.layers.filesystem import FileSystem
from rebaser.mergers import ld_so_cache
from rebaser.mergers.apk_installed import merge_installed
from rebaser.mergers.conflict import Conflict, Merger
from rebaser.mergers.dpkg import merge_status
from rebaser.mergers.keyed import Key, Side
from rebaser.plan.alternative_links import with_links
from rebaser.plan.evidence import Evidence
from rebaser.plan.merge_layer import Action, Repair, Unmerged
from rebaser.plan.merger_choice import Choice, copied_from, is_backup
from rebaser.plan.model import Sides
from rebaser.plan.paths import LOADER_CACHE, is_transient
from rebaser.plan.reconciling import Desired, counterpart
from rebaser.plan.repaired import repaired
from rebaser.plan.settlement import Dispute
from rebaser.plan.sources import Bodies, Source
from rebaser.printable import printable, size

MAX_CONTENT = 64 << 20  # bytes of all contents of a merge layer
_EMPTY = Body(b"")
_ACTIONS = {"app": Action.KEPT, "new": Action.TAKEN, "old": Action.TAKEN}
_SETTLING: Mapping[Merger, Callable[[bytes, bytes, bytes, Mapping[Key, Side]], bytes | Conflict]] = {
    merge_status: merge_status,
    merge_installed: merge_installed,
}
_NAMED = 5  # subjects of one conflict


def wanted_bodies(desired: Iterable[Desired], evidence: Evidence) -> frozenset[Source]:
    """Return the contents that the repairs are made of, and those that they are held against."""
    return frozenset(
        source
        for one in desired
        if one.entry is not None and one.entry.kind is Kind.FILE
        for source in _wanted(one, evidence)
        if _is_file(evidence, source)
    )


def too_large(desired: Iterable[Desired]) -> Unmerged | None:
    """Return why the repairs would be too much for a layer on top; None where they are not."""
    files = [one for one in desired if one.entry is not None and one.entry.kind is Kind.FILE]
    total = sum(one.entry.size for one in files if one.entry is not None)
    if total <= MAX_CONTENT:
        return None
    largest = max(files, key=lambda one: one.entry.size if one.entry else 0)
    told = f"{len(files)} files with {size(total)} would have to be put on top, more than {size(MAX_CONTENT)}"
    return Unmerged(largest.path, told)


def repairs(
    desired: Iterable[Desired], evidence: Evidence, bodies: Bodies
) -> tuple[tuple[Repair, ...], tuple[Unmerged, ...]]:
    """Return what is to be put on top, and what could not be worked out."""
    made: dict[str, Repair] = {}
    failed = [_undecided(dispute) for dispute in evidence.settlement.disputes if dispute.side is None]
    for one in desired:
        outcome = _outcome(one, evidence, bodies)
        if isinstance(outcome, Repair):
            made[one.path] = outcome
        elif not (is_transient(one.path) or is_backup(one.path)):
            failed.append(outcome)
    together = {**made, **_left_backups(made, evidence, bodies)}
    linked, unlinked = with_links(together.values(), evidence, bodies)
    shown = evidence.rebased.files
    return tuple(_that_change(_pruned(linked, shown), shown)), (*failed, *unlinked)


def _left_backups(made: Mapping[str, Repair], evidence: Evidence, bodies: Bodies) -> Mapping[str, Repair]:
    """Return the new base's copies of files that the application's steps would not change there."""
    left = {}
    for path in filter(is_backup, made):
        file = Source("new", copied_from(path))
        repair = made.get(file.path)
        is_left = repair is not None and repair.action is Action.MERGED and file in bodies
        if is_left and repair is not None and repair.content == bodies[file].content:
            left[path] = _left(path, evidence, bodies)
    return left


def _left(path: str, evidence: Evidence, bodies: Bodies) -> Repair:
    why = "what the application changed is as it was in the new base"
    entry, body = evidence.new.files.entry(path), bodies.get(Source("new", path))
    if entry is None or body is None:
        return Repair(path, Action.REMOVED, why, None)
    return Repair(path, Action.TAKEN, why, entry, body.content, body.modified)


def _outcome(one: Desired, evidence: Evidence, bodies: Bodies) -> Repair | Unmerged:
    if one.entry is None:
        return Repair(one.path, Action.REMOVED, one.why, None)
    if one.entry.kind is Kind.DIRECTORY:
        return Repair(one.path, Action.ACCESS, one.why, one.entry)
    if isinstance(one.origin, Choice):
        return _merged(one, one.origin, one.entry, evidence, bodies)
    action = _ACTIONS[one.origin]
    if one.entry.kind is not Kind.FILE:
        return Repair(one.path, action, one.why, one.entry)
    body = bodies.get(Source(one.origin, one.source))
    digests = _digests(one, evidence, bodies)
    if body is None or _is_deceptive(one, evidence, digests):
        return Unmerged(one.path, "its content could not be read from the layer that holds it")
    return Repair(one.path, action, one.why, one.entry, body.content, body.modified, digests)


def _merged(one: Desired, choice: Choice, entry: Entry, evidence: Evidence, bodies: Bodies) -> Repair | Unmerged:
    old, app, new = (bodies.get(source, _EMPTY) for source in _of_merger(choice, evidence))
    three = (old.content, app.content, new.content)
    try:
        settled, settling = evidence.settlement.settled(choice.sources.new.path), _SETTLING.get(choice.merger)
        merged = settling(*three, settled) if settled and settling else choice.merger(*three)
    except MalformedError as error:
        return Unmerged(one.path, str(error))
    if isinstance(merged, Conflict):
        return Unmerged(one.path, f"both sides changed {_listed(merged.subjects)}")
    there = entry._replace(size=len(merged))
    digests = _digests(one, evidence, bodies)
    return Repair(one.path, Action.MERGED, one.why, there, merged, max(app.modified, new.modified), digests)


def _pruned(made: Sequence[Repair], shown: FileSystem) -> Iterator[Repair]:
    """Take out of the loader's cache what is not there any more."""
    for repair in made:
        if repair.path == LOADER_CACHE and repair.entry is not None:
            content = _of_what_is_there(repair.content, repaired(shown, made))
            yield replace(repair, entry=repair.entry._replace(size=len(content)), content=content)
        else:
            yield repair


def _of_what_is_there(cache: bytes, files: FileSystem) -> bytes:
    return ld_so_cache.without(cache, lambda path: files.find(path) is not None)


def _that_change(made: Iterable[Repair], shown: FileSystem) -> Iterator[Repair]:
    """Leave out what comes to the same as the stacked layers show."""
    for repair in made:
        below = shown.entry(repair.path)
        if repair.entry is None and below is None:
            continue
        if repair.action is Action.MERGED and repair.entry is not None and below is not None:
            content = hashlib.sha256(repair.content).digest()[: len(below.content)]
            now = repair.entry._replace(content=content, body=None, facts=None)
            if now == below._replace(body=None, facts=None):
                continue
        yield repair


def _wanted(one: Desired, evidence: Evidence) -> Iterator[Source]:
    yield from _compared(one, evidence)
    if is_backup(one.path):
        yield Source("new", one.path)


def _of_merger(choice: Choice, evidence: Evidence) -> tuple[Source, ...]:
    old, app = (Source(one.place, evidence.former(one.path)) for one in (choice.sources.old, choice.sources.app))
    return old, app, choice.sources.new


def _is_file(evidence: Evidence, source: Source) -> bool:
    entry = evidence.system(source.place).files.entry(source.path)
    return entry is not None and entry.kind is Kind.FILE


def _compared(one: Desired, evidence: Evidence) -> tuple[Source, ...]:
    """Return the three files that a repair is told with: the old base's, the application's and the new base's."""
    if isinstance(one.origin, Choice):
        return _of_merger(one.origin, evidence)
    base = counterpart(one.path, evidence)
    return Source("old", evidence.former(base)), Source("app", evidence.former(one.path)), Source("new", base)


def _digests(one: Desired, evidence: Evidence, bodies: Bodies) -> Sides[str | None]:
    return Sides(*(_digest(bodies.get(source)) for source in _compared(one, evidence)))


def _digest(body: Body | None) -> str | None:
    return hashlib.sha256(body.content).hexdigest() if body is not None else None


def _is_deceptive(one: Desired, evidence: Evidence, digests: Sides[str | None]) -> bool:
    """Answer whether what looked equal in the index, which keeps the beginning of a digest, is not."""
    before, own, _ = _compared(one, evidence)
    old, app = evidence.old.files.entry(before.path), evidence.original.files.entry(own.path)
    looked_equal = old is not None and app is not None and one.origin == "new" and same_content(old, app)
    return looked_equal and digests.old != digests.app


def _undecided(dispute: Dispute) -> Unmerged:
    versions = dispute.versions
    return Unmerged(
        dispute.database,
        f"the application put {printable(dispute.name)} back from {printable(versions.old)} to "
        f"{printable(versions.app)}, and the new base has {printable(versions.new)}",
    )


def _listed(subjects: tuple[str, ...]) -> str:
    more = f" and {len(subjects) - _NAMED} more" if len(subjects) > _NAMED else ""
    return ", ".join(map(printable, subjects[:_NAMED])) + more
