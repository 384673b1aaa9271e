"""Settles what configs left open: values of the base that the application's layers were, or were not, built under."""

from collections.abc import Iterator
from dataclasses import replace

from rebaser.layers.filesystem import FileSystem, add
from rebaser.plan.adapted import Adapted
from rebaser.plan.changed_values import changed_values, standing_in
from rebaser.plan.draft import layered
from rebaser.plan.evidence import Evidence
from rebaser.plan.merge_layer import MergeLayer
from rebaser.plan.model import Draft, Seen, Wishes
from rebaser.plan.path_list import is_path_list
from rebaser.plan.replay import read_replay
from rebaser.system.accounts import Identity
from rebaser.system.model import System

_SETTLED = {"inherited-workingdir": "WorkingDir", "inherited-user": "User"}


def settle(evidence: Evidence, wishes: Wishes) -> Evidence:
    """Return the evidence with the draft that follows from it; the same one where nothing was open."""
    seen = what_is_seen(evidence)
    if not (seen.follows or seen.holds or seen.rewritten):
        return evidence
    before = evidence.draft
    settled = layered(before.trio, before.seam, before.app, wishes, seen)
    return _with_draft(replace(evidence, seen=seen), settled, evidence.rebased.files)


def with_merge(evidence: Evidence, merge: MergeLayer, wishes: Wishes) -> Evidence:
    """Return the evidence with a merge layer on top; the same where there is none, but for what could not be merged."""
    merged = replace(evidence, merge=merge)
    if merge.made is None or merge.index is None:
        return merged
    before = evidence.draft
    settled = layered(before.trio, before.seam, before.app, wishes, evidence.seen, top=merge.made)
    return _with_draft(merged, settled, add(evidence.rebased.files, (merge.index,)))


def with_adapted(evidence: Evidence, adapted: Adapted, wishes: Wishes) -> Evidence:
    """Return the evidence with the application's layers as they were adapted; the same where none had to be."""
    if not adapted.is_change:
        return replace(evidence, adapted=adapted)
    before = evidence.draft
    changed = replace(evidence, app_layers=adapted.indexes, adapted=adapted)
    settled = layered(before.trio, before.seam, adapted.layers, wishes, evidence.seen)
    return _with_draft(changed, settled, add(evidence.new.files, adapted.indexes))


def _with_draft(evidence: Evidence, settled: Draft, files: FileSystem) -> Evidence:
    settings = settled.config.get("config")
    rebased = System(files, settings if isinstance(settings, dict) else {})
    return replace(evidence, plan=replace(evidence.plan, draft=settled), draft=settled, rebased=rebased)


def what_is_seen(evidence: Evidence) -> Seen:
    """Return what the layers tell of the config's open values."""
    open_members = {_SETTLED[conflict.kind] for conflict in evidence.draft.conflicts if conflict.kind in _SETTLED}
    follows = frozenset(member for member in open_members if _is_independent(member, evidence))
    return Seen(follows, frozenset(_held(evidence)), dict(_rewritten(evidence)))


def _is_independent(member: str, evidence: Evidence) -> bool:
    if member == "User":
        old, new = evidence.old.identity, evidence.new.identity
        return isinstance(old, Identity) and isinstance(new, Identity) and (old.uid, old.gid) == (new.uid, new.gid)
    return not _has_own(evidence, evidence.old.directory) or _is_told_apart(evidence)


def _is_told_apart(evidence: Evidence) -> bool:
    """Answer whether history proves that no step wrote to where it stood."""
    history = evidence.draft.seam.app_history
    replay = read_replay(history) if history is not None else None
    return replay is not None and not replay.built_under_base("WORKDIR")


def _has_own(evidence: Evidence, directory: str) -> bool:
    """Answer whether the application has put anything below a directory, or removed it from there."""
    files = evidence.original.files
    places = {directory.strip("/"), files.real_path(directory) or directory.strip("/")}
    touched = (*evidence.own, *evidence.removed)
    return any(_is_below(path, place) for place in places for path in touched)


def _is_below(path: str, directory: str) -> bool:
    return not directory or path == directory or path.startswith(f"{directory}/")


def _held(evidence: Evidence) -> Iterator[str]:
    """Yield variables that the application inherited, that name a directory with files of its own, and that changed."""
    old, new = evidence.old.environment, evidence.new.environment
    for name, value in evidence.original.environment.items():
        inherited = old.get(name) == value and evidence.rebased.environment.get(name) == new.get(name)
        if inherited and new.get(name) != value and _names_directory(name, value) and _has_own(evidence, value):
            yield name


def _names_directory(name: str, value: str) -> bool:
    return value.startswith("/") and value.strip("/") != "" and ":" not in value and not is_path_list(name)


def _rewritten(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield variables that hold an old value of the base where the file system shows what a rebuild would have put."""
    old, new = evidence.old.environment, evidence.new.environment
    changed = changed_values(old, new)
    for name, value in evidence.rebased.environment.items():
        if value != evidence.original.environment.get(name) or value == new.get(name):
            continue
        text = value
        for source, _ in standing_in(value, changed):
            text = text.replace(changed[source], new.get(source, ""))
        if text != value and _only_new_is_there(value, text, evidence):
            yield name, text


def _only_new_is_there(before: str, after: str, evidence: Evidence) -> bool:
    """Answer whether the paths that stand only in `before` were there and are gone, and those in `after` are there."""
    gone, come = _paths(before) - _paths(after), _paths(after) - _paths(before)
    if not gone or len(gone) != len(come):
        return False
    was, now = evidence.original.files, evidence.rebased.files
    return all(_is_there(was, path) and not _is_there(now, path) for path in gone) and all(
        _is_there(now, path) for path in come
    )


def _paths(text: str) -> frozenset[str]:
    return frozenset(part for part in text.split(":") if part.startswith("/"))


def _is_there(files: FileSystem, path: str) -> bool:
    return files.find(path) is not None
