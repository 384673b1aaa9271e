"""What two builds of the same thing don't have in common, each with its reason.

Paths are named one by one. Nothing here is a file that a program reads to do its work; `/usr`, `/lib`, the accounts and
the package databases are never noise, and neither are the copies that tools keep of them: the merge layer gives those
what a rebuild would.
"""

from collections.abc import Mapping

_LOG = "a log of the build, with its times"
NOISE: Mapping[str, str] = {
    "/var/log/alternatives.log": _LOG,
    "/var/log/apt/eipp.log.xz": "what the last run of apt planned, out of all that was there",
    "/var/log/apt/history.log": _LOG,
    "/var/log/apt/term.log": _LOG,
    "/var/log/dpkg.log": _LOG,
    "/var/cache/ldconfig/aux-cache": "inode numbers and times of the machine that built",
    "/var/cache/apt/pkgcache.bin": "apt's cache of its own parsing, made anew when it is missing",
    "/var/cache/apt/srcpkgcache.bin": "as pkgcache.bin",
    "/var/cache/debconf/tmp.ci": "debconf's scratch directory, empty when nothing is being installed",
}


def is_noise(path: str) -> bool:
    """Whether a difference at an absolute path says nothing."""
    return path in NOISE
