"""Modules that programs load by a name in a configuration file: of NSS, PAM and OpenSSL; and whether they are there."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rebaser.layers.entry import Entry
from rebaser.layers.filesystem import FileSystem
from rebaser.system.model import System

_NSSWITCH = "etc/nsswitch.conf"
_PAM = "etc/pam.d"
_BUILT_IN = frozenset({"files", "dns", "compat", "db", "hesiod"})  # in glibc itself since 2.34, or seldom there
_WORD = re.compile(r"\[[^]]*\]|[A-Za-z][A-Za-z0-9_]*")
_PAM_LINE = re.compile(r"\s*-?(?:auth|account|password|session)\s+(?:\[[^]]*\]|\S+)\s+(\S+\.so)\b")
_OPTIONAL = re.compile(r"\s*-(?:auth|account|password|session)\b")
_OPENSSL_MODULE = re.compile(r"\s*(?:dynamic_path|module)\s*=\s*(/\S+)")
_DIRECTORIES = ("lib", "usr/lib", "lib64", "usr/lib64")


class Plugin(NamedTuple):
    """A module that is not there, and the path of the file that names it."""

    name: str
    wanted_by: str


def missing_plugins(system: System) -> tuple[Plugin, ...]:
    """Return the modules that configuration files name and that are in none of the places where they are looked for."""
    return tuple(_missing(system.files))


def _missing(files: FileSystem) -> Iterator[Plugin]:
    entry = files.find(_NSSWITCH)
    for name in _services(entry) if entry else ():
        if not _library(files, f"libnss_{name}.so.2", ""):
            yield Plugin(f"libnss_{name}.so.2", _NSSWITCH)
    for name in files.names(_PAM):
        entry = files.find(f"{_PAM}/{name}")
        for module in _pam_modules(entry) if entry else ():
            if not (files.find(module) if module.startswith("/") else _library(files, module, "security")):
                yield Plugin(module, f"{_PAM}/{name}")
    for path in ("etc/ssl/openssl.cnf", "etc/pki/tls/openssl.cnf", "usr/lib/ssl/openssl.cnf"):
        entry = files.find(path)
        for match in _OPENSSL_MODULE.finditer(_text(entry)) if entry else ():
            if files.find(match[1]) is None:
                yield Plugin(match[1], path)


def _services(entry: Entry) -> Iterator[str]:
    for line in _text(entry).split("\n"):
        _, colon, rest = line.partition("#")[0].partition(":")
        words = _WORD.findall(rest) if colon else []
        yield from (word for word in words if not word.startswith("[") and word not in _BUILT_IN)


def _pam_modules(entry: Entry) -> Iterator[str]:
    for line in _text(entry).split("\n"):
        match = _PAM_LINE.match(line)
        if match and not _OPTIONAL.match(line):
            yield match[1]


def _library(files: FileSystem, name: str, below: str) -> bool:
    inner = f"{below}/{name}" if below else name
    for directory in _DIRECTORIES:
        if files.find(f"{directory}/{inner}"):
            return True
        places = (f"{directory}/{one}/{inner}" for one in files.names(directory) if one.endswith(("-gnu", "-musl")))
        if any(files.find(place) for place in places):
            return True
    return False


def _text(entry: Entry) -> str:
    return (entry.whole or b"").decode("utf-8", "surrogateescape")
