"""Which files glibc looks for on account of the variables TZ, LANG and LC_*."""

import re
from collections.abc import Mapping

_ZONEINFO = "usr/share/zoneinfo"
_LOCALES = "usr/lib/locale"
_ZONE = re.compile(r"[A-Za-z0-9_+./-]{1,200}")
_RULE = re.compile(r"(?:[A-Za-z]{3,}|<[^>]{1,20}>)[+-]?[0-9].*")
_ALWAYS_THERE = frozenset(["", "UTC", "UTC0", "GMT", "GMT0", "Universal", "Zulu"])
_LOCALE = re.compile(r"([A-Za-z]{1,16}(?:_[A-Za-z0-9]{1,16})?)(?:\.([A-Za-z0-9-]{1,32}))?(?:@([A-Za-z0-9]{1,32}))?")
_BUILT_IN = frozenset(["", "C", "POSIX"])
_ORDER = ("LC_ALL", "LC_CTYPE", "LANG")


def zone_file(environment: Mapping[str, str]) -> str:
    """Return the file that TZ names; empty when it names none, or only what every program knows without it.

    A rule such as `CET-1CEST` is no file's name, and where the file of `UTC` is missing, UTC is taken anyway.
    """
    zone = environment.get("TZ", "").removeprefix(":")
    if zone.startswith("/"):
        return zone.lstrip("/")
    directory = environment.get("TZDIR", "").strip("/") or _ZONEINFO
    is_rule = "/" not in zone and _RULE.fullmatch(zone)
    known = zone in _ALWAYS_THERE or zone.removeprefix("Etc/") in _ALWAYS_THERE
    if known or is_rule or ".." in zone or not _ZONE.fullmatch(zone):
        return ""
    return f"{directory}/{zone}"


def locale_of(environment: Mapping[str, str]) -> str:
    """Return the locale that text is in: the first of LC_ALL, LC_CTYPE and LANG that is not empty."""
    return next((environment[name] for name in _ORDER if environment.get(name)), "")


def locale_files(locale: str) -> tuple[str, ...]:
    """Return files and directories any of which may hold `locale`, the likeliest first; none for what is built in.

    `C.UTF-8` is built into glibc 2.35 and later, and musl takes any name: there a missing file means nothing.
    """
    found = _LOCALE.fullmatch(locale)
    if locale in _BUILT_IN or found is None:
        return ()
    language, charset, modifier = found.groups()
    ending = f"@{modifier}" if modifier else ""
    charsets = [f".{_normal(charset)}", f".{charset}", ""] if charset else [""]
    names = dict.fromkeys(
        f"{part}{each}{end}"
        for part in (language, language.partition("_")[0])
        for each in charsets
        for end in (ending, "")
    )
    archive = () if language == "C" else (f"{_LOCALES}/locale-archive",)
    return (*(f"{_LOCALES}/{name}" for name in names), *archive)


def _normal(charset: str) -> str:
    """Return a charset as glibc spells it in a directory's name: `utf8`, `iso88591`."""
    kept = "".join(character for character in charset.lower() if character.isalnum())
    return f"iso{kept}" if kept.isdigit() else kept
