"""Modules that the Perl of an image finds, and those that a file of an application uses."""

import re
from collections.abc import Iterator

from rebaser.contents.perl_imports import used
from rebaser.contents.shebang import read_shebang
from rebaser.layers.entry import Entry, Imports
from rebaser.layers.filesystem import FileSystem

_MODULE = re.compile(
    r"(?:^|/)(?:perl-base|(?:site_)?perl5?(?:/(?:(?:site|vendor)_perl/)?5\.[0-9]+(?:\.[0-9]+)?)?)/(.+)\.pm$"
)
_PERL = re.compile(r"(?:^|/)perl[0-9.]*$")
SOURCES = (".pl", ".pm")


def modules(files: FileSystem) -> frozenset[str]:
    """Return the names of all modules in directories that a Perl looks into; none where there is no Perl."""
    return frozenset(_modules(files))


def used_by(entry: Entry) -> frozenset[str]:
    """Return the modules that a source or script uses; none for what is no Perl."""
    if isinstance(entry.facts, Imports) and entry.path.endswith(SOURCES):
        return frozenset(entry.facts.names)
    shebang = read_shebang((entry.body or b"")[:256])
    if shebang is None or not _PERL.search(shebang.program) or entry.body is None:
        return frozenset()
    return used(entry.body)


def _modules(files: FileSystem) -> Iterator[str]:
    for path in files.nodes:
        match = _MODULE.search(path) if path.endswith(".pm") else None
        if match:
            parts = match[1].split("/")
            # Directories of an architecture stand in between: x86_64-linux-gnu/perl/5.36/List/Util.pm does not, but
            # perl5/5.36/x86_64-linux/List/Util.pm does.
            yield "::".join(parts)
            if "-" in parts[0]:
                yield "::".join(parts[1:])
