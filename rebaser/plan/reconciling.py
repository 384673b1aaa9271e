"""What is to stand at each path that the application's layers touched, as a rebuild on the new base would have it.

Three ways for content, and three ways for owner, mode and attributes. Only what then differs from what the stacked
layers show anyway is a `Desired`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from rebaser.layers.entry import Entry, Kind, parent_of, parents_of, same_access, same_content
from rebaser.mergers.apk_place import Place
from rebaser.plan.apk_moves import involved, moves
from rebaser.plan.evidence import Evidence
from rebaser.plan.merger_choice import Choice, choose_merger, copied_from, is_removed_when_empty
from rebaser.plan.model import Sides
from rebaser.plan.owners import by_name
from rebaser.plan.paths import MOUNT_POINTS, is_transient
from rebaser.plan.sources import Place as Side
from rebaser.plan.sources import Source

Value = TypeVar("Value")
_CONTENTS = (Kind.FILE, Kind.SYMLINK)
_DROPPED = ("var/cache/apt/pkgcache.bin", "var/cache/apt/srcpkgcache.bin", "var/cache/ldconfig/aux-cache")


@dataclass(frozen=True, slots=True)
class Desired:
    """What is to stand at a path: `entry` gives its kind and access, None that nothing is; and where content is from.

    `origin` is a side, or the merger that makes it of all three; `source` is the path that the content has there, where
    that is another one.
    """

    path: str
    entry: Entry | None
    origin: "Origin"
    why: str
    source: str = ""


Origin: TypeAlias = Side | Choice
_Three: TypeAlias = Sides[Entry | None]


def reconcile(evidence: Evidence) -> tuple[Desired, ...]:
    """Return all paths that are to hold something else than the stacked layers show."""
    moved = moves(evidence)
    elsewhere = {path for place in moved for path in involved(place)}
    paths = sorted((touched(evidence) | evidence.settlement.forced.keys()) - elsewhere)
    wanted = {path: one for path in paths if (one := _desired(path, evidence))}
    wanted |= {one.path: one for place in moved for one in _moved(place, evidence)}
    emptied = frozenset(_emptied(wanted, evidence))
    kept = (one for path, one in wanted.items() if emptied.isdisjoint(parents_of(path)))
    return (*kept, *(Desired(directory, None, "new", _EMPTIED) for directory in sorted(emptied)))


def touched(evidence: Evidence) -> frozenset[str]:
    """Return the paths that a layer above the old base put there or removed, an earlier merge layer among them."""
    base = evidence.old.files.nodes
    now = evidence.original.files.nodes
    changed = {path for path, node in now.items() if node.layer >= evidence.old.files.layers and path}
    removed = {path for path in base if path not in now}
    places = {former: path for path, former in evidence.adapted.former.items()}
    return frozenset({places.get(path, path) for path in changed | removed} | evidence.own.keys())


def _desired(path: str, evidence: Evidence) -> Desired | None:
    """Return what is to stand at `path`, None where that is what the stacked layers show.

    What the new base leads elsewhere through a link is not of this path any more.
    """
    if evidence.rebased.files.place(path) != path:
        return None
    three = _three(path, evidence)
    shown, settlement = evidence.rebased.files.entry(path), evidence.settlement
    if path in evidence.own and path not in settlement.forced and evidence.is_copied(path):
        one = _access_of_directory(path, three)
    elif path in settlement.forced:
        side = settlement.forced[path]
        one = _taken(path, side, three, f"the package that it belongs to is the {_OWNER[side]}")
    else:
        one = _three_ways(path, three, is_owned=path in settlement.owned) or _of_owner(path, shown, evidence)
    if one is not None and one.entry is not None:
        one = replace(one, entry=by_name(path, one.entry, three, evidence))
    return one if one is not None and not _is_shown(one, shown) else None


def _of_owner(path: str, shown: Entry | None, evidence: Evidence) -> Desired | None:
    """Return a directory of the application's own as it is, so that it can follow its owner."""
    is_own = shown is not None and shown.kind is Kind.DIRECTORY and path in evidence.own
    return Desired(path, shown, "app", "its owner has another number in the new base") if is_own else None


def counterpart(path: str, evidence: Evidence) -> str:
    """Return the path of the base's file of which the application has another name or a copy; else the path itself."""
    return evidence.joined.get(path, copied_from(path))


def _moved(place: Place, evidence: Evidence) -> Iterator[Desired]:
    """Yield what is to stand where the new base has a file of apk's, and that nothing is where it was."""
    for one in (_at_target(place, evidence), *(Desired(path, None, "new", _ELSEWHERE) for path in place.stale)):
        if not _is_shown(one, evidence.rebased.files.entry(one.path)):
            yield one


def _at_target(place: Place, evidence: Evidence) -> Desired:
    target = place.target
    sources = Sides(
        Source("old", place.old or target), Source("app", place.app or target), Source("new", place.new or target)
    )
    old, app, new = (
        evidence.system(source.place).files.entry(source.path) for source in (sources.old, sources.app, sources.new)
    )
    choice = choose_merger(target, Sides(Kind.FILE, Kind.FILE, Kind.FILE), secret=False)
    if place.app is None or app is None or choice is None:
        return Desired(target, None, "app", "the application removed it")
    entry = _with_access(app, Sides(old, app, new))._replace(path=target)
    return Desired(target, entry, replace(choice, sources=sources), _ELSEWHERE)


def _three(path: str, evidence: Evidence) -> _Three:
    """Return what the three images have there; for another name or a copy of a base's file, what bases have of that."""
    base = counterpart(path, evidence)
    old, app = evidence.old.files.entry(evidence.former(base)), evidence.original.files.entry(evidence.former(path))
    return Sides(old, app, evidence.new.files.entry(base))


_EMPTIED = "the new base does not have it, and nothing is left in it"
_ELSEWHERE = "the new base has this file of apk's elsewhere than the old one"
_OWNER = {"app": "application's", "new": "new base's"}


def _is_shown(desired: Desired, shown: Entry | None) -> bool:
    if desired.entry is None or shown is None:
        return desired.entry is None and shown is None
    if isinstance(desired.origin, Choice):
        return False
    return same_content(desired.entry, shown) and same_access(desired.entry, shown)


def _three_ways(path: str, three: _Three, *, is_owned: bool) -> Desired | None:
    old, app, new = three.old, three.app, three.new
    if app is None:
        return _put_back(path, three) or _taken(
            path, "new" if old is None else "app", three, "the application removed it"
        )
    if app.kind is Kind.DIRECTORY:
        return _access_of_directory(path, three)
    if any(entry is not None and entry.kind not in _CONTENTS for entry in (old, app, new)):
        return None
    if path in _DROPPED:
        return Desired(path, None, "app", "it is a cache of what has changed, and is made anew when it is wanted")
    if old is None or not same_content(app, old):
        return _changed_by_app(path, app, three)
    kept = new is None and is_owned
    why = "a package of the application has it" if kept else "the application changed its owner or mode only"
    return _taken(path, "app" if kept else "new", three, why)


def _put_back(path: str, three: _Three) -> Desired | None:
    """The application removed all that the old base had in a file, and the new base has more in it."""
    old, new = three.old, three.new
    if old is None or new is None or same_content(old, new) or not is_removed_when_empty(path):
        return None
    choice = choose_merger(path, Sides(old.kind, None, new.kind), secret=False)
    return Desired(path, new, choice, "the new base has more in it than the application removed") if choice else None


def _changed_by_app(path: str, app: Entry, three: _Three) -> Desired | None:
    """The application has a content of its own: kept where the new base left the old one, merged where it did not."""
    old, new = three.old, three.new
    unchanged = old is not None and new is not None and same_content(old, new)
    if new is None or unchanged or same_content(app, new):
        return _taken(path, "app", three, "the application changed it, and the new base its owner or mode")
    secret = not app.mode & 0o044
    kinds = Sides(*(entry.kind if entry is not None else None for entry in (old, app, new)))
    choice = choose_merger(path, kinds, secret=secret)
    if choice is None or (old is None and is_transient(path)):
        return _taken(path, "app", three, "the application has its own")
    return Desired(path, _with_access(app, three), choice, "the application and the new base both changed it")


def _taken(path: str, side: Side, three: _Three, why: str) -> Desired:
    """Return a side's content, or that there is nothing, with the owner and mode that both sides leave it."""
    entry = {"old": three.old, "app": three.app, "new": three.new}[side]
    there = _with_access(entry, three)._replace(path=path) if entry is not None else None
    return Desired(path, there, side, why, entry.path if entry is not None else path)


def _access_of_directory(path: str, three: _Three) -> Desired | None:
    """Layers repeat the directories above what they hold; owner and mode of such a one are nobody's change."""
    old, app, new = three.old, three.app, three.new
    if old is None or app is None or new is None or {old.kind, app.kind, new.kind} != {Kind.DIRECTORY}:
        return None
    return Desired(path, _with_access(app, three), "app", "the new base changed its owner or mode")


def _with_access(entry: Entry, three: _Three) -> Entry:
    """Return the entry with owner, mode and attributes three ways, the application's where both changed one."""
    old, app, new = three.old, three.app, three.new
    if app is None or new is None:
        return entry
    if old is None:
        return entry._replace(mode=app.mode, uid=app.uid, gid=app.gid, xattrs=app.xattrs)
    return entry._replace(
        mode=_plain(old.mode, app.mode, new.mode),
        uid=_plain(old.uid, app.uid, new.uid),
        gid=_plain(old.gid, app.gid, new.gid),
        xattrs=_plain(old.xattrs, app.xattrs, new.xattrs),
    )


def _plain(old: Value, app: Value, new: Value) -> Value:
    return new if app == old else app


def _emptied(wanted: dict[str, Desired], evidence: Evidence) -> Iterator[str]:
    """Yield directories that only the old base had and of which nothing is left, the outermost of each tree."""
    gone = {path for path, one in wanted.items() if one.entry is None}
    made = {path for layer in evidence.app_layers for path in (*layer.whiteouts, *layer.opaques)}
    removed = {path for path in evidence.old.files.nodes if path not in evidence.original.files}
    found: set[str] = set()
    left = {parent_of(path) for path in gone | removed} | set(_only_entered(evidence))
    for directory in sorted(left, key=lambda path: -path.count("/")):
        at = directory
        while at and at not in made and at not in found and _is_left_empty(at, gone, evidence):
            found.add(at)
            gone.add(at)
            at = parent_of(at)
    yield from (path for path in sorted(found) if parent_of(path) not in found)


def _only_entered(evidence: Evidence) -> Iterator[str]:
    """Yield directories of the old base that a step only had something in for a while, as dpkg has new settings."""
    for path, entry in evidence.own.items():
        old = evidence.old.files.entry(path) if entry.kind is Kind.DIRECTORY else None
        was_there = old is not None and old.kind is Kind.DIRECTORY and same_access(old, entry)
        if was_there and path not in MOUNT_POINTS and not evidence.is_copied(path):
            yield path


def _is_left_empty(directory: str, gone: Collection[str], evidence: Evidence) -> bool:
    """Answer whether the old base alone had it, and all that the stacked layers show in it is to go."""
    old, new = evidence.old.files.entry(directory), evidence.new.files.entry(directory)
    if old is None or old.kind is not Kind.DIRECTORY or new is not None or directory not in evidence.rebased.files:
        return False
    return all(f"{directory}/{name}" in gone for name in evidence.rebased.files.children.get(directory, {}))
