"""What two builds of the same thing don't have in common, each with its reason.

Nothing here is a file that a program reads to do its work; `/usr`, `/lib`, the accounts and the package databases are
never noise, Python's compiled caches aside.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

NOISE: Mapping[str, str] = {
    "/var/log/*": "logs of the build hold its times",
    "/var/cache/ldconfig/aux-cache": "inode numbers and times of the machine that built",
    "/var/cache/apt/pkgcache.bin": "apt's cache of its own parsing, made anew when it is missing",
    "/var/cache/apt/srcpkgcache.bin": "as pkgcache.bin",
    "/var/cache/debconf/*-old": "debconf's copy of what was before, read by nothing",
    "/var/cache/debconf/tmp.ci": "debconf's scratch directory, empty when nothing is being installed",
    "/var/lib/dpkg/status-old": "dpkg's copy of what was before, read by nothing",
    "/var/lib/dpkg/diversions-old": "as status-old",
    "/var/lib/dpkg/statoverride-old": "as status-old",
    "/etc/passwd-": "a copy of what was before, read by nothing",
    "/etc/shadow-": "as passwd-",
    "/etc/group-": "as passwd-",
    "/etc/gshadow-": "as passwd-",
    "/etc/subuid-": "as passwd-",
    "/etc/subgid-": "as passwd-",
    "*/__pycache__/*.pyc": "holds the time of the source it was compiled from",
    "/.dockerenv": "the engine's mark in a container",
    "/etc/hostname": "the engine's, for each container",
    "/etc/hosts": "the engine's, for each container",
    "/etc/resolv.conf": "the engine's, for each container",
    "/dev/*": "the engine's, for each container",
}


def is_noise(path: str) -> bool:
    """Whether a difference at an absolute path says nothing."""
    return any(fnmatchcase(path, pattern) for pattern in NOISE)
