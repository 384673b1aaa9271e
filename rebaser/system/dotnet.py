"""Frameworks of .NET in an image, and applications that ask for them."""

from collections.abc import Mapping

from rebaser.contents.dotnet import read_runtimeconfig, resolve, shared_framework_of
from rebaser.contents.malformed import MalformedError
from rebaser.layers.entry import Entry, Kind
from rebaser.layers.filesystem import FileSystem

_CONFIG = ".runtimeconfig.json"


def frameworks(files: FileSystem) -> Mapping[str, frozenset[str]]:
    """Return the versions of each shared framework that is installed."""
    found: dict[str, set[str]] = {}
    for path, node in files.nodes.items():
        told = shared_framework_of(f"{path}/") if node.entry.kind is Kind.DIRECTORY and "/shared/" in path else None
        if told is not None and told.directory == path and files.children.get(path):
            found.setdefault(told.name, set()).add(told.version)
    return {name: frozenset(versions) for name, versions in found.items()}


def unresolved(
    entry: Entry, provided: Mapping[str, frozenset[str]], environment: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return the frameworks, name and version, that an application's configuration asks for and would not get."""
    if not entry.path.endswith(_CONFIG) or entry.whole is None:
        return ()
    try:
        wanted = read_runtimeconfig(entry.whole).frameworks
    except MalformedError:
        return ()
    return tuple(
        (one.name, one.version) for one in wanted if resolve(one, provided.get(one.name, ()), environment) is None
    )
