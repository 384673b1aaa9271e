"""Which files of apk's did the application's layers touch that the new base has elsewhere than the old one? H7."""

from rebaser.layers.entry import Kind
from rebaser.layers.filesystem import FileSystem
from rebaser.mergers.apk_place import PATHS, Place, places
from rebaser.plan.evidence import Evidence


def moves(evidence: Evidence) -> tuple[Place, ...]:
    """Return where those files are in each image, and where they are to be."""
    old, app, new = (_files(system.files) for system in (evidence.old, evidence.original, evidence.new))
    return tuple(place for place in places(old, app, new) if _has_moved(place) and _is_touched(place, evidence))


def involved(place: Place) -> frozenset[str]:
    """Return all paths that the file has in an image, or is to have."""
    return frozenset(path for path in (place.old, place.app, place.new, place.target, *place.stale) if path)


def _files(files: FileSystem) -> frozenset[str]:
    return frozenset(path for path in PATHS if (entry := files.entry(path)) is not None and entry.kind is Kind.FILE)


def _has_moved(place: Place) -> bool:
    return not {place.old, place.app} <= {None, place.target}


def _is_touched(place: Place, evidence: Evidence) -> bool:
    if place.app is None:
        return place.old is not None
    return evidence.original.files.nodes[place.app].layer >= evidence.old.files.layers
