"""Time zones and locales that the environment names, and whether their data is there."""

import re
from collections.abc import Iterator

from rebaser.system.model import System

_LANGUAGES = ("LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LANG")
_BUILT_IN = re.compile(r"(C|POSIX)(\..*)?|C\.utf-?8", re.IGNORECASE)
_ARCHIVES = ("usr/lib/locale/locale-archive", "usr/lib/locale/locale-archive.tmpl")
_ZONE = re.compile(r":?([A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)")
_RULE = re.compile(r"[A-Za-z]{3,}[+-]?[0-9].*|<[^>]+>.*")


def missing_locales(system: System) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield variables that name data which is not there: name, value, and where it was looked for."""
    zone = system.environment.get("TZ", "")
    match = _ZONE.fullmatch(zone)
    if match and not _RULE.fullmatch(zone) and match[1] != "UTC":
        yield from _unless_there("TZ", zone, (f"/usr/share/zoneinfo/{match[1]}",), system)
    for name in _LANGUAGES:
        value = system.environment.get(name, "")
        if value and not _BUILT_IN.fullmatch(value):
            yield from _unless_there(name, value, tuple(_directories(value)), system)


def _directories(value: str) -> Iterator[str]:
    """Yield where glibc keeps a locale, in the spellings that it tries; an archive holds all that were made."""
    base, dot, charset = value.partition(".")
    plain = re.sub(r"[^A-Za-z0-9@]", "", charset).lower()
    yield f"/usr/lib/locale/{value}"
    if dot:
        yield f"/usr/lib/locale/{base}.{plain}"
    yield from (f"/{path}" for path in _ARCHIVES)


def _unless_there(
    name: str, value: str, places: tuple[str, ...], system: System
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    if not any(system.files.find(place) for place in places):
        yield name, value, places
