"""Packages of the base that the application updates: to what the new base has, to something older, or newer.

Where the new base has no need of the step, it does nothing in a rebuild. So it removes what debconf leaves of it, which
is nothing but empty files.
"""

from tests.images.pairs.ingredients import Updates
from tests.images.pairs.model import Pair, Truth, shell

_UPGRADE = """\
ARG BASE
FROM ${{BASE}}
COPY archive /opt/archive/
RUN echo "deb [trusted=yes] file:/opt/archive ./" > /etc/apt/sources.list.d/frozen.list \\
 && apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get {command} \\
 && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*
"""
_ZONES = (shell("TZ=Europe/Berlin date --date=2026-07-01T12:00:00Z +%H && apt-get check > /dev/null", prints="14"),)
_CHECKED = (shell("apt-get check > /dev/null && echo fine", prints="fine"),)
_UPDATED = ("apt", "libapt-pkg6.0", "liblzma5", "libpcre2-8-0", "libperl5.36", "perl", "perl-base", "perl-modules-5.36")


def _upgraded(name: str) -> str:
    return _UPGRADE.format(command=f"install --yes --no-install-recommends --only-upgrade {name}")


_ALL = _UPGRADE.format(command="upgrade --yes")

PAIRS = (
    Pair(
        "updates/that-the-new-base-has",
        "bookworm",
        "updated",
        Truth.STALE,
        _CHECKED,
        _upgraded("liblzma5"),
        {},
        (Updates("updated", ("liblzma5",)),),
    ),
    Pair(
        "updates/older-than-the-new-base",
        "bookworm",
        "trixie",
        Truth.STALE,
        _CHECKED,
        _upgraded("liblzma5"),
        {},
        (Updates("updated", ("liblzma5",)),),
    ),
    Pair(
        "updates/newer-than-the-new-base",
        "bookworm",
        "updated",
        Truth.STALE,
        _ZONES,
        _upgraded("tzdata"),
        {},
        (Updates("trixie", ("tzdata",)),),
    ),
    Pair(
        "updates/all-that-the-new-base-has",
        "bookworm",
        "updated",
        Truth.STALE,
        _CHECKED,
        _ALL,
        {},
        (Updates("updated", _UPDATED),),
    ),
    Pair(
        "updates/all-older-than-the-new-base",
        "bookworm",
        "trixie",
        Truth.STALE,
        _CHECKED,
        _ALL,
        {},
        (Updates("updated", _UPDATED),),
    ),
)
