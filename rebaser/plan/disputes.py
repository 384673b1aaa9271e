"""Packages that both the application's layers and the new base changed: whose version it is, and which files are its.

The newer version stays, as it would with a package manager; one that the application removed stays removed, and one
that the new base dropped stays where somebody asked for it. Files and database must agree afterwards, so each file of
such a package comes from one side.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from rebaser.contents.malformed import MalformedError
from rebaser.contents.versions import Ecosystem, compare
from rebaser.mergers.keyed import Side
from rebaser.plan import apk_owned, dpkg_owned
from rebaser.plan.dropped import only_upgraded
from rebaser.plan.evidence import Evidence
from rebaser.plan.model import Sides
from rebaser.plan.package_files import Installed
from rebaser.plan.settlement import Dispute, Settlement
from rebaser.plan.sources import Bodies, Place, Source
from rebaser.system.model import System
from rebaser.system.packages import DPKG_STATUS

_PLACES: tuple[Place, ...] = ("old", "app", "new")


def find_disputes(evidence: Evidence) -> tuple[Dispute, ...]:
    """Return the packages of dpkg's and apk's databases that both sides changed; none where one cannot be read."""
    return tuple(_without_dropped((*_of_dpkg(evidence), *_of_apk(evidence)), evidence))


def wanted_lists(evidence: Evidence, disputes: Iterable[Dispute]) -> frozenset[Source]:
    """Return the lists of files that must be read to settle the disputes, and those of what the application brought."""
    listed = {
        Source(place, path)
        for place in _PLACES
        for dispute in disputes
        if dispute.database == DPKG_STATUS
        for path in dpkg_owned.info(dispute.key, evidence.system(place))
        if path.endswith(".list")
    }
    return frozenset(listed | set(dpkg_owned.own_lists(evidence)))


def settle_packages(evidence: Evidence, disputes: tuple[Dispute, ...], lists: Bodies) -> Settlement:
    """Return whose each path of the disputed packages is, and what packages of the application own."""
    forced: dict[str, Side] = {}
    for dispute in disputes:
        if dispute.side is not None:
            forced |= _forced(dispute, dispute.side, evidence, lists)
    return Settlement(disputes, forced, dpkg_owned.own_files(evidence, lists) | apk_owned.own_files(evidence))


def _without_dropped(disputes: Sequence[Dispute], evidence: Evidence) -> Iterator[Dispute]:
    """Yield the disputes; what was only upgraded and is not in the new base any more is as there, and so is gone."""
    dropped = {one.key for one in disputes if one.versions.old and one.versions.app and not one.versions.new}
    kept = {one.key for one in disputes if one.side == "app"} - dropped
    gone = only_upgraded(dropped, kept, evidence)
    yield from (replace(one, side="new") if one.key in gone else one for one in disputes)


def _of_dpkg(evidence: Evidence) -> Iterator[Dispute]:
    return _disputes(_read(dpkg_owned.installed, evidence, DPKG_STATUS), "deb", DPKG_STATUS)


def _of_apk(evidence: Evidence) -> Iterator[Dispute]:
    database = apk_owned.database(evidence.new.files)
    return _disputes(_read(apk_owned.installed, evidence, database), "apk", database)


def _read(read: Callable[[System], Installed], evidence: Evidence, database: str) -> Sides[Installed]:
    try:
        if database in evidence.own and evidence.is_copied(database):
            return Sides({}, {}, {})  # which a rebuild copies again, with the files that it tells of
        return Sides(*(read(evidence.system(place)) for place in _PLACES))
    except MalformedError:
        return Sides({}, {}, {})


def _disputes(sides: Sides[Installed], ecosystem: Ecosystem, database: str) -> Iterator[Dispute]:
    if not sides.app or not sides.new:
        return
    for key in dict.fromkeys([*sides.app, *sides.old]):
        old, app, new = (side.get(key, ("", "")) for side in (sides.old, sides.app, sides.new))
        if app in (old, new) or new == old or app[0] == old[0]:
            continue
        versions = Sides(old[0], app[0], new[0])
        if versions.new != versions.old or versions.app == versions.new:
            yield Dispute(key, versions, _winner(versions, ecosystem), database)


def _winner(versions: Sides[str], ecosystem: Ecosystem) -> Side | None:
    """Return whose version stays: what was put back on purpose is for people to judge."""
    if not versions.app or not versions.new:
        return "app"
    if versions.old and compare(ecosystem, versions.app, versions.old) < 0:
        return None
    return "app" if compare(ecosystem, versions.app, versions.new) > 0 else "new"


def _forced(dispute: Dispute, side: Side, evidence: Evidence, lists: Bodies) -> dict[str, Side]:
    """Return the paths of the package, as each image has them, that come from its side.

    Those below /etc are merged where the new base's version stays; where it has none, all are gone but what was copied
    there. Where the application's stays, one that the new base only leads elsewhere is the application's already.
    """
    app, new = _files(dispute, "app", evidence, lists), _files(dispute, "new", evidence, lists)
    moved = {evidence.new.files.place(path) for path in app} - app
    if side == "new" and not dispute.versions.new:
        paths = {path for path in app if path not in evidence.own or not evidence.is_copied(path)}
    elif side == "new":
        paths = {path for path in app | new if not path.startswith("etc/")}
    else:
        paths = (app | new if dispute.versions.app else new - app) - moved
    records = set()
    if dispute.database == DPKG_STATUS:
        records = {path for one in (evidence.original, evidence.new) for path in dpkg_owned.info(dispute.key, one)}
    return dict.fromkeys(sorted(records | paths), side)


def _files(dispute: Dispute, place: Place, evidence: Evidence, lists: Bodies) -> set[str]:
    system = evidence.system(place)
    if dispute.database == DPKG_STATUS:
        return dpkg_owned.files_of(dispute.key, place, system, lists)
    return apk_owned.files_of(dispute.name, system)
