"""Language runtimes of an image, by version."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.contents.node import MODULE_VERSIONS
from rebaser.layers.filesystem import FileSystem
from rebaser.system.node import module_version
from rebaser.system.python import interpreters
from rebaser.system.runtimes import provided

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its name, how its sources' names end, and what `runtimes` calls it."""

    name: str
    endings: tuple[str, ...]
    runtime: str


PYTHON = Language("Python", (".py",), "python")
NODE = Language("Node.js", (".js", ".mjs", ".cjs"), "node")
RUBY = Language("Ruby", (".rb",), "ruby")
PERL = Language("Perl", (".pl", ".pm"), "perl")
PHP = Language("PHP", (".php",), "php")
LANGUAGES = (PYTHON, NODE, RUBY, PERL, PHP)
BOUND = (
    (PERL, frozenset({"Perl_xs_handshake", "Perl_xs_boot_epilog"})),
    (RUBY, frozenset({"rb_define_module", "rb_define_class", "rb_define_method", "rb_define_module_under"})),
)


def version_of(language: Language, files: FileSystem) -> Version | None:
    """Return the newest version that is there, as far as it tells languages apart: Python 3.11, Node.js 20."""
    return max(_versions(language, files), default=None)


def _versions(language: Language, files: FileSystem) -> Iterator[Version]:
    if language is PYTHON:
        yield from (_numbers(version) for version in interpreters(files))
    elif language is NODE:
        modules = module_version(files)
        yield from ((major,) for major, number in MODULE_VERSIONS.items() if number == modules)
    else:
        yield from (_numbers(version) for name, version in provided(files) if name == language.runtime)


def _numbers(version: str) -> Version:
    return tuple(int(number) for number in re.findall(r"[0-9]+", version))
