"""Time zones and locales that the environment names, and whether their data is there."""

from collections.abc import Iterator

from rebaser.contents.locale_files import locale_files, locale_of, zone_file
from rebaser.system.model import System

_ORDER = ("LC_ALL", "LC_CTYPE", "LANG")
_MUSL = "ld-musl-"


def missing_locales(system: System) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield variables that name data which is not there: name, value, and where it was looked for."""
    environment = system.environment
    zone = zone_file(environment)
    if zone and system.files.find(zone) is None:
        yield "TZ", environment["TZ"], (f"/{zone}",)
    locale = locale_of(environment)
    places = () if _is_musl(system) else locale_files(locale)
    if places and not any(system.files.find(place) for place in places):
        name = next(name for name in _ORDER if environment.get(name))
        yield name, locale, tuple(f"/{place}" for place in places)


def _is_musl(system: System) -> bool:
    """Answer whether the C library is musl, which takes any locale's name."""
    return any(name.startswith(_MUSL) for name in system.files.names("lib"))
