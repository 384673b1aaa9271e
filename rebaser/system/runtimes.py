"""Runtimes whose files lie in directories named for a version: which are there, and which a file is for."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from rebaser.contents.version_directories import PHP_OF_API, version_directory_of
from rebaser.layers.filesystem import FileSystem

Runtime: TypeAlias = tuple[str, str]
"""Name and version, in the form in which directories are named."""

_API_OF_PHP = {version: api for api, version in PHP_OF_API.items()}
_THERE = {
    "ruby": re.compile(r"(?:^|/)(?:bin/ruby|libruby-)([0-9]+\.[0-9]+)(?:\.so\.[0-9.]+)?$"),
    "perl": re.compile(r"(?:^|/)(?:bin/perl|libperl\.so\.)(5\.[0-9]+)(?:\.[0-9]+)?$"),
    "php": re.compile(r"(?:^|/)(?:bin|sbin)/php(?:-fpm)?([0-9]\.[0-9])$"),
    "lua": re.compile(r"(?:^|/)(?:bin/lua|liblua)(5\.[0-9])(?:\.so\..*)?$"),
    "erlang": re.compile(r"(?:^|/)erts-([0-9]+)[0-9.]*/bin/beam\.smp$"),
    "guile": re.compile(r"(?:^|/)libguile-([0-9]\.[0-9])\.so\.[0-9]+$"),
}
_BROUGHT = {
    "ruby": re.compile(r"/rbconfig\.rb$"),
    "ocaml": re.compile(r"/stdlib\.cma$"),
    "php": re.compile(r"(?:^|/)local/lib/php/extensions/[^/]+/(?:opcache|sodium)\.so$"),
    "r": re.compile(r"/base/DESCRIPTION$"),
}


def wanted(path: str) -> Runtime | None:
    """Return the runtime that a file is for, by the directory that it lies in; None where it is for none."""
    found = version_directory_of(path)
    return (found.runtime, found.abi) if found is not None else None


def provided(files: FileSystem) -> frozenset[Runtime]:
    """Return the runtimes that are there, by what only they themselves bring."""
    return frozenset(_provided(files))


def _provided(files: FileSystem) -> Iterator[Runtime]:
    for path in files.nodes:
        name = path.rpartition("/")[2]
        for runtime, pattern in _THERE.items():
            match = pattern.search(path) if runtime[:3] in name or runtime in ("erlang", "guile") else None
            if match and files.find(path) is not None:
                yield runtime, _as_directories_say(runtime, match[1])
        for runtime, pattern in _BROUGHT.items():
            told = wanted(path) if pattern.search(path) else None
            if told is not None and told[0] == runtime:
                yield told


def _as_directories_say(runtime: str, version: str) -> str:
    """Return a version in the form that directories have: `3.1.0` for Ruby 3.1, PHP's API for its version."""
    if runtime == "ruby":
        return f"{version}.0"
    return _API_OF_PHP.get(version, version) if runtime == "php" else version
