"""Runtimes whose files lie in directories named for a version: which are there, and which a file is for."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from rebaser.layers.filesystem import FileSystem

Runtime: TypeAlias = tuple[str, str]
"""Name and version, in the form in which directories are named."""

_WANTED = {
    "Ruby": re.compile(r"(?:^|/)(?:ruby|gems|vendor_ruby|site_ruby|extensions/[^/]+)/([0-9]+\.[0-9]+\.0)/"),
    "Perl": re.compile(r"(?:^|/)perl5?/(5\.[0-9]+)(?:\.[0-9]+)?/"),
    "PHP": re.compile(r"(?:^|/)(?:php/|extensions/no-debug-(?:non-)?zts-)([0-9]{8})/"),
    "Lua": re.compile(r"(?:^|/)lua/(5\.[0-9])/"),
    "Erlang": re.compile(r"(?:^|/)erts-([0-9.]+)/"),
    "OCaml": re.compile(r"(?:^|/)ocaml/([0-9]+\.[0-9.]+)/"),
    "Guile": re.compile(r"(?:^|/)guile/([0-9]\.[0-9])/"),
}
_THERE = {
    "Ruby": re.compile(r"(?:^|/)ruby/([0-9]+\.[0-9]+\.0)/(?:[^/]+/)?rbconfig\.rb$"),
    "Perl": re.compile(r"(?:^|/)(?:bin/perl|libperl\.so\.)(5\.[0-9]+)(?:\.[0-9]+)?$"),
    "PHP": re.compile(r"(?:^|/)(?:bin|sbin)/php(?:-fpm)?([0-9]\.[0-9])$"),
    "Lua": re.compile(r"(?:^|/)(?:bin/lua|liblua)(5\.[0-9])(?:\.so\..*)?$"),
    "Erlang": re.compile(r"(?:^|/)erts-([0-9.]+)/bin/beam\.smp$"),
    "OCaml": re.compile(r"(?:^|/)ocaml/([0-9]+\.[0-9.]+)/stdlib\.cma$"),
    "Guile": re.compile(r"(?:^|/)libguile-([0-9]\.[0-9])\.so\.[0-9]+$"),
}
_PHP_OF_API = {
    "7.4": "20190902",
    "8.0": "20200930",
    "8.1": "20210902",
    "8.2": "20220829",
    "8.3": "20230831",
    "8.4": "20240924",
    "8.5": "20250925",
}
_PHP_LOCAL = re.compile(r"(?:^|/)local/include/php/main/build-defs\.h$")
_PHP_EXTENSIONS = re.compile(r"(?:^|/)local/lib/php/extensions/no-debug-(?:non-)?zts-([0-9]{8})$")


def wanted(path: str) -> Runtime | None:
    """Return the runtime that a file is for, by the directory that it lies in; None where it is for none."""
    for name, pattern in _WANTED.items():
        match = pattern.search(path)
        if match:
            return name, match[1]
    return None


def provided(files: FileSystem) -> frozenset[Runtime]:
    """Return the runtimes that are there, by what only they themselves bring."""
    return frozenset(_provided(files))


def _provided(files: FileSystem) -> Iterator[Runtime]:
    local_php = any(_PHP_LOCAL.search(path) for path in files.nodes)
    for path in files.nodes:
        for name, pattern in _THERE.items():
            match = pattern.search(path)
            if match and files.find(path) is not None:
                version = _PHP_OF_API.get(match[1], match[1]) if name == "PHP" else match[1]
                yield name, version
        match = _PHP_EXTENSIONS.search(path) if local_php else None
        if match:
            yield "PHP", match[1]
