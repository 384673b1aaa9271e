"""Where do apk's files lie, where the new base has them elsewhere than the old one?

apk opens lib/apk/db, which leads to usr/lib/apk/db where lib is a link; layers have one or the other. It keeps scripts
in scripts.tar, or, from 3.0 on and where that file is not there, in scripts.tar.gz. What the application's layers have
where the new base has nothing any more would be read instead of the new base's, by apk or by scanners.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Part: TypeAlias = Literal["installed", "triggers", "scripts", "world"]

_DIRECTORIES = ("lib/apk/db", "usr/lib/apk/db")
_NAMES: Mapping[Part, tuple[str, ...]] = {
    "installed": ("installed",),
    "triggers": ("triggers",),
    "scripts": ("scripts.tar", "scripts.tar.gz"),
}
_WORLD = "etc/apk/world"
PATHS = (_WORLD, *(f"{directory}/{name}" for directory in _DIRECTORIES for names in _NAMES.values() for name in names))
"""Every path at which apk may have one of these files."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file of apk's is, if anywhere, in each image, and where it is to be.

    `stale` are places of the original image that the new base does not have: what layers put there is to go.
    """

    part: Part
    old: str | None
    app: str | None
    new: str | None
    target: str
    stale: tuple[str, ...]


def places(old: Container[str], app: Container[str], new: Container[str]) -> tuple[Place, ...]:
    """Return where the files of apk's are that any of these has, given paths of real files without leading slash.

    `app` are those of the original image, its base's as well. A file that the new base has not is to be where its
    database is, under the application's name; without a database, where the application has it.
    """
    found = (_place(part, old, app, new) for part in ("installed", "triggers", "scripts", "world"))
    return tuple(place for place in found if place)


def _place(part: Part, *images: Container[str]) -> Place | None:
    candidates = _candidates(part)
    old, app, new = (next((path for path in candidates if path in image), None) for image in images)
    target = new or _moved(app or old, images[2])
    if target is None:
        return None
    stale = tuple(path for path in candidates if path != target and path in images[1] and path not in images[2])
    return Place(part, old, app, new, target, stale)


def _candidates(part: Part) -> tuple[str, ...]:
    if part == "world":
        return (_WORLD,)
    return tuple(f"{directory}/{name}" for directory in _DIRECTORIES for name in _NAMES[part])


def _moved(path: str | None, new: Container[str]) -> str | None:
    """Return where a file is to be that the new base has not."""
    directory, _, name = path.rpartition("/") if path else ("", "", "")
    if directory not in _DIRECTORIES:
        return path
    there = next((one for one in _DIRECTORIES if f"{one}/installed" in new), directory)
    return f"{there}/{name}"
