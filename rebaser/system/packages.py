"""Which packages an image's databases say are installed: dpkg, apk and rpm, wherever they stand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rebaser.contents.apk import read_installed
from rebaser.contents.dpkg import read_status, read_status_d
from rebaser.contents.malformed import MalformedError
from rebaser.contents.package import Package
from rebaser.contents.rpm import read_database
from rebaser.contents.versions import Ecosystem
from rebaser.layers.filesystem import FileSystem

DPKG_STATUS = "var/lib/dpkg/status"
DPKG_STATUS_D = "var/lib/dpkg/status.d"
APK_DATABASES = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
RPM_DIRECTORIES = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
RPM_NAMES = ("rpmdb.sqlite", "Packages.db", "Packages")

Key: TypeAlias = tuple[Ecosystem, str, str]
"""Ecosystem, name, architecture: what can be installed side by side."""


@dataclass(frozen=True, slots=True)
class Packages:
    """What is installed, and the databases that say so; `unread` are those that cannot be read, with the reason."""

    installed: Mapping[Key, tuple[Package, ...]]
    databases: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    def all(self) -> Iterator[Package]:
        """Yield every package."""
        for several in self.installed.values():
            yield from several


def packages(files: FileSystem) -> Packages:
    """Return the packages of an image."""
    found: dict[Key, list[Package]] = {}
    databases: dict[str, None] = {}
    unread = []
    for path, read in _databases(files):
        real = files.real_path(path) or path
        if real in databases:
            continue
        databases[real] = None
        entry = files.find(path)
        body = entry.whole if entry is not None else None
        try:
            listed = read(body) if body is not None else _too_large()
        except MalformedError as error:
            unread.append((real, str(error)))
            continue
        for package in listed:
            found.setdefault((package.ecosystem, package.name, package.architecture), []).append(package)
    return Packages({key: tuple(several) for key, several in found.items()}, tuple(databases), tuple(unread))


def own_packages(old: Packages, original: Packages) -> tuple[Package, ...]:
    """Return the packages that the application's layers installed: the original's that its base does not have."""
    return tuple(
        package for key, several in original.installed.items() if key not in old.installed for package in several
    )


def _databases(files: FileSystem) -> Iterator[tuple[str, Callable[[bytes], tuple[Package, ...]]]]:
    if files.find(DPKG_STATUS):
        yield DPKG_STATUS, read_status
    for name in files.names(DPKG_STATUS_D):
        if not name.endswith(".md5sums"):
            yield f"{DPKG_STATUS_D}/{name}", read_status_d
    for path in APK_DATABASES:
        if files.find(path):
            yield path, read_installed
    for directory in RPM_DIRECTORIES:
        for name in RPM_NAMES:
            if files.find(f"{directory}/{name}"):
                yield f"{directory}/{name}", read_database


def _too_large() -> tuple[Package, ...]:
    raise MalformedError("it is larger than is read")
