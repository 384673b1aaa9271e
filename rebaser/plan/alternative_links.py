"""Where the links of dpkg's alternatives lead once their database was merged. update-alternatives(1).

As update-alternatives leaves them when the application's calls run on the new base: a choice that is not there is no
choice any more, a slave's file that is not there has no link, and what is no link is not replaced.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rebaser.contents.malformed import MalformedError
from rebaser.layers import whiteout
from rebaser.layers.entry import Entry, Kind, clean_path, parent_of
from rebaser.layers.filesystem import FileSystem
from rebaser.layers.limits import DEFAULT, UnreadableError
from rebaser.mergers.alternatives import Alternative, Mode, links, read_alternative, write_alternative
from rebaser.plan.evidence import Evidence
from rebaser.plan.merge_layer import Action, Repair, Unmerged
from rebaser.plan.model import Sides
from rebaser.plan.repaired import repaired
from rebaser.plan.sources import Bodies, Source

DATABASE = "var/lib/dpkg/alternatives"
_LINKS = "/etc/alternatives"
_MAX_TARGET = 4095  # bytes that a symbolic link can lead to, as Linux has it
_NONE = Alternative("auto", "", {}, {})
_WHY = "it is a link of alternatives that both sides changed"


@dataclass(frozen=True, slots=True)
class _Group:
    """A name with what can stand behind it, in the three images and merged.

    `leads` says where its link leads in each, `current` where it leads before priorities are looked at.
    """

    name: str
    sides: Sides[Alternative]
    merged: Alternative
    leads: Sides[str | None]
    current: str | None


def with_links(
    made: Iterable[Repair], evidence: Evidence, bodies: Bodies
) -> tuple[tuple[Repair, ...], tuple[Unmerged, ...]]:
    """Return the repairs with those of the links, instead of others at their paths; and databases that name none."""
    known, failed = {repair.path: repair for repair in made}, []
    for repair in tuple(known.values()):
        if repair.action is not Action.MERGED or parent_of(repair.path) != DATABASE:
            continue
        there = repaired(evidence.rebased.files, known.values())
        try:
            known |= {one.path: one for one in _linked(repair, _group(repair, there, evidence, bodies), there)}
        except MalformedError as error:
            del known[repair.path]
            failed.append(Unmerged(repair.path, str(error)))
    return tuple(known.values()), tuple(failed)


def _group(repair: Repair, there: FileSystem, evidence: Evidence, bodies: Bodies) -> _Group:
    name = repair.path.rpartition("/")[2]
    sources = (Source("old", repair.path), Source("app", repair.path), Source("new", repair.path))
    sides = Sides(*(_read(body.content if (body := bodies.get(source)) else b"") for source in sources))
    merged = _read(repair.content)
    choices = {path: choice for path, choice in merged.choices.items() if there.find(path) is not None}
    leads = Sides(*(_lead(system.files, name) for system in (evidence.old, evidence.original, evidence.new)))
    current = _current(sides, leads)
    mode: Mode = merged.mode if current in choices else "auto"
    return _Group(name, sides, replace(merged, mode=mode, choices=choices), leads, current)


def _current(sides: Sides[Alternative], leads: Sides[str | None]) -> str | None:
    """Return what the application chose, or else where the new base's link leads."""
    was_manual = sides.old.mode == "manual"
    chosen = sides.app.mode == "manual" and not (was_manual and leads.app == leads.old)
    return leads.app if chosen else leads.new


def _read(body: bytes) -> Alternative:
    return read_alternative(body) if body else _NONE


def _lead(files: FileSystem, name: str) -> str | None:
    entry = files.entry(files.place(f"{_LINKS}/{name}"))
    return entry.link if entry is not None and entry.kind is Kind.SYMLINK else None


def _linked(repair: Repair, group: _Group, there: FileSystem) -> Iterator[Repair]:
    """Yield the database without choices that are not there, and its links, unless the application made one by hand."""
    content = write_alternative(group.merged) if group.merged.choices else b""
    if content and repair.entry is not None:
        yield replace(repair, entry=repair.entry._replace(size=len(content)), content=content)
    else:
        yield Repair(repair.path, Action.REMOVED, "it has no choice any more", None)
    leads, ours = group.leads, group.sides.app
    if leads.app in (None, leads.old) or leads.app in ours.choices:
        wanted = {place: target for link, target in _wanted(group, there) if (place := _place(link, there))}
        yield from _made(wanted, there)
        yield from _stale(group, wanted, there)


def _wanted(group: _Group, there: FileSystem) -> Iterator[tuple[str, str]]:
    """Yield the links that are to be there, with where they lead: two for each name."""
    for name, path in links(group.merged, group.name, group.current).items():
        if name == group.name or there.find(path) is not None:
            yield f"{_LINKS}/{name}", path
            yield (group.merged.link if name == group.name else group.merged.slaves[name]), f"{_LINKS}/{name}"


def _place(link: str, there: FileSystem) -> str:
    """Return where a link stands, empty where it has no directory.

    Raises:
        MalformedError: no link can stand there.
    """
    place = there.place(link)
    try:
        can_be = link.startswith("/") and clean_path(place, DEFAULT) == place and whiteout.read(place) is None
    except UnreadableError:
        can_be = False
    if not can_be or not place or "\0" in place:
        raise MalformedError("an alternative has a link where none can be")
    directory = there.entry(parent_of(place))
    return place if directory is not None and directory.kind is Kind.DIRECTORY else ""


def _made(wanted: Mapping[str, str], there: FileSystem) -> Iterator[Repair]:
    for place, target in wanted.items():
        if "\0" in target or len(target.encode("utf-8", "surrogateescape")) > _MAX_TARGET:
            raise MalformedError("an alternative leads where no link can")
        standing = there.entry(place)
        if standing is None or (standing.kind is Kind.SYMLINK and standing.link != target):
            yield Repair(place, Action.MERGED, _WHY, Entry(place, Kind.SYMLINK, 0o777, link=target))


def _stale(group: _Group, wanted: Mapping[str, str], there: FileSystem) -> Iterator[Repair]:
    """Yield the removal of links that one of the images has and that are wanted no more."""
    for link, target in _known(group):
        place = _place(link, there)
        standing = there.entry(place) if place and place not in wanted else None
        if standing is not None and standing.kind is Kind.SYMLINK and target in ("", standing.link):
            yield Repair(place, Action.REMOVED, _WHY, None)


def _known(group: _Group) -> Iterator[tuple[str, str]]:
    """Yield the links that an image has, with where they must lead to be its; empty where that is all the same."""
    for side in (group.sides.old, group.sides.app, group.sides.new):
        for name, link in ((group.name, side.link), *side.slaves.items()) if side.link else ():
            yield f"{_LINKS}/{name}", ""
            yield link, f"{_LINKS}/{name}"
