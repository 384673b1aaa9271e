"""Modules that programs load by a name in a configuration file, and whether they are there: NSS, PAM, OpenSSL, PHP."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from rebaser.contents.malformed import MalformedError
from rebaser.contents.openssl_config import read_openssl_config
from rebaser.contents.php_ini import read_php_ini
from rebaser.contents.plugins import BUILT_INTO_GLIBC, read_nsswitch, read_pam_service
from rebaser.layers.filesystem import FileSystem
from rebaser.system.model import System

Read = TypeVar("Read")

_NSSWITCH = "etc/nsswitch.conf"
_PAM = "etc/pam.d"
_OPENSSL = ("etc/ssl/openssl.cnf", "etc/pki/tls/openssl.cnf", "usr/lib/ssl/openssl.cnf")
_SELDOM_THERE = frozenset({*BUILT_INTO_GLIBC, "compat", "db", "hesiod", "nis", "nisplus"})
_LIBRARIES = ("lib", "usr/lib", "lib64", "usr/lib64")


class Plugin(NamedTuple):
    """A module that is not there, and the path of the file that names it."""

    name: str
    wanted_by: str


def missing_plugins(system: System) -> tuple[Plugin, ...]:
    """Return the modules that configuration files name and that are in none of the places where they are looked for."""
    return tuple(dict.fromkeys(_missing(system.files)))


def _missing(files: FileSystem) -> Iterator[Plugin]:
    for service in _read(files, _NSSWITCH, read_nsswitch) or ():
        if service.service not in _SELDOM_THERE and not _is_library(files, service.module):
            yield Plugin(service.module, _NSSWITCH)
    for name in files.names(_PAM):
        told = _read(files, f"{_PAM}/{name}", read_pam_service)
        for module in told.modules if told else ():
            if not module.may_be_missing and not _is_there(files, module.name, "security"):
                yield Plugin(module.name, f"{_PAM}/{name}")
    yield from _missing_of_openssl(files)
    yield from _missing_of_php(files)


def _missing_of_openssl(files: FileSystem) -> Iterator[Plugin]:
    for path in _OPENSSL:
        config = _read(files, path, read_openssl_config)
        for module in (*config.providers, *config.engines) if config else ():
            if module.active and module.module and not _is_there(files, module.module, "ossl-modules"):
                yield Plugin(module.module, path)


def _missing_of_php(files: FileSystem) -> Iterator[Plugin]:
    for path in files.nodes:
        if not path.endswith(".ini") or "php" not in path:
            continue
        config = _read(files, path, read_php_ini)
        for extension in config.extensions if config else ():
            if not _is_extension(files, extension.file):
                yield Plugin(extension.file, path)


def _is_extension(files: FileSystem, name: str) -> bool:
    if name.startswith("/"):
        return files.find(name) is not None
    homes = [f"usr/lib/php/{api}" for api in files.names("usr/lib/php")]
    local = "usr/local/lib/php/extensions"
    homes += [f"{local}/{api}" for api in files.names(local)]
    return not homes or any(files.find(f"{home}/{name}") for home in homes)


def _read(files: FileSystem, path: str, reader: Callable[[bytes], Read]) -> Read | None:
    """Return what a file says; nothing where it is not there or cannot be read, as for the program itself."""
    entry = files.find(path)
    try:
        return reader(entry.whole) if entry is not None and entry.whole is not None else None
    except MalformedError:
        return None


def _is_there(files: FileSystem, module: str, below: str) -> bool:
    return files.find(module) is not None if module.startswith("/") else _is_library(files, module, below)


def _is_library(files: FileSystem, name: str, below: str = "") -> bool:
    return any(files.find(f"{home}/{below}/{name}") for home in _homes(files))


def _homes(files: FileSystem) -> Iterable[str]:
    for home in _LIBRARIES:
        yield home
        yield from (f"{home}/{inner}" for inner in files.names(home) if inner.endswith(("-gnu", "-musl", "-gnueabihf")))
