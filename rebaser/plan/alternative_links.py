"""Where do the links of a name lead once both sides' choices for it are merged? update-alternatives(1) of dpkg.

In automatic mode the best of all choices has the name, be it the application's or the new base's. A slave whose file is
not there has no link.
"""

from collections.abc import Iterator, Mapping, Sequence

from rebaser.contents.malformed import MalformedError
from rebaser.layers.entry import Entry, Kind, clean_path, parent_of
from rebaser.layers.filesystem import FileSystem
from rebaser.layers.limits import DEFAULT, UnreadableError
from rebaser.mergers.alternatives import links, read_alternative
from rebaser.plan.evidence import Evidence
from rebaser.plan.merge_layer import Action, Repair
from rebaser.plan.sources import Bodies, Place, Source

DIRECTORY = "var/lib/dpkg/alternatives"
LINKS = "etc/alternatives"
_WHY = "the choices of the application and of the new base are merged"


def is_merged_alternative(repair: Repair) -> bool:
    """Answer whether a repair is a name for which both sides' choices are merged."""
    return repair.action is Action.MERGED and bool(repair.content) and parent_of(repair.path) == DIRECTORY


def alternative_links(
    made: Sequence[Repair], after: FileSystem, evidence: Evidence, bodies: Bodies
) -> Mapping[str, Repair]:
    """Return repairs, by path, of links that lead elsewhere than merged alternatives say; `after` is with what is made.

    Only links are replaced and removed, as update-alternatives does: a file that stands in their place stays.
    """
    found: dict[str, Repair] = {}
    for repair in made:
        if is_merged_alternative(repair):
            for path, target in _targets(repair, after, evidence, bodies):
                one = _repair(path, target, after)
                if one is not None:
                    found[path] = one
    return found


def _targets(repair: Repair, after: FileSystem, evidence: Evidence, bodies: Bodies) -> Iterator[tuple[str, str | None]]:
    """Yield the places of links, and where each is to lead; None for one that is not to be there."""
    name = repair.path.rpartition("/")[2]
    alternative = read_alternative(repair.content)
    leads = links(alternative, name, _current(repair.path, name, after, evidence, bodies))
    for one, link in {**alternative.slaves, name: alternative.link}.items():
        target = leads.get(one)
        is_wanted = target is not None and (one == name or after.find(target) is not None)
        inner, outer = f"{LINKS}/{one}", after.place(link)
        if "/" not in one and link.startswith("/") and _is_clean(inner) and _is_clean(outer):
            yield inner, target if is_wanted else None
            yield outer, f"/{inner}" if is_wanted else None


def _current(path: str, name: str, after: FileSystem, evidence: Evidence, bodies: Bodies) -> str | None:
    """Return where the name leads: where the new base has somebody's choice that is not the application's, there."""
    modes = {place: _mode(bodies, Source(place, path)) for place in _SIDES}
    is_new = modes["new"] == "manual" != modes["app"]
    entry = (evidence.new.files if is_new else after).entry(f"{LINKS}/{name}")
    return entry.link if entry is not None and entry.kind is Kind.SYMLINK else None


_SIDES: tuple[Place, ...] = ("app", "new")


def _mode(bodies: Bodies, source: Source) -> str:
    body = bodies.get(source)
    try:
        return read_alternative(body.content).mode if body is not None else ""
    except MalformedError:
        return ""


def _is_clean(path: str) -> bool:
    try:
        return "\0" not in path and clean_path(path, DEFAULT) == path
    except UnreadableError:
        return False


def _repair(path: str, target: str | None, after: FileSystem) -> Repair | None:
    shown = after.entry(path)
    if shown is not None and shown.kind is not Kind.SYMLINK:
        return None
    if target is None:
        return Repair(path, Action.REMOVED, _WHY, None) if shown is not None else None
    if shown is not None and shown.link == target:
        return None
    above = after.entry(parent_of(path))
    if above is None or above.kind is not Kind.DIRECTORY or "\0" in target or len(target) > DEFAULT.link // 4:
        return None
    entry = shown or Entry(path, Kind.SYMLINK, 0o777)
    return Repair(path, Action.MERGED, _WHY, entry._replace(link=target))
