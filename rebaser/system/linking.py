"""What programs and libraries of an image ask for and do not get: libraries, versions of symbols, symbols."""

from collections.abc import Iterator
from typing import NamedTuple

from rebaser.system.loader import Object, objects_of
from rebaser.system.model import System


class Want(NamedTuple):
    """A file, and the library that it asks for; `version` is of a symbol, where one is asked for."""

    path: str
    name: str
    version: str = ""


def missing_libraries(system: System) -> tuple[Want, ...]:
    """Return the libraries that some program or library asks for itself and that are not found."""
    return system.remember("missing libraries", lambda: tuple(_missing_libraries(system)))


def missing_versions(system: System) -> tuple[Want, ...]:
    """Return the versions of symbols that libraries which are found do not provide."""
    return system.remember("missing versions", lambda: tuple(_missing_versions(system)))


def missing_symbols(system: System, wanting: Object) -> frozenset[str]:
    """Return the symbols that a file asks for in no version and no library that is loaded with it has.

    None where that is not known. A module may take symbols from the program that loads it, and a symbol without a
    version may be in a library with versions: those are missing before and after.
    """
    loaded = system.loader.load(wanting)
    if loaded.missing:
        return frozenset()
    sets = [one.elf.defined for one in loaded.objects if one.path != wanting.path and one.elf.defined is not None]
    return frozenset(name for name in wanting.elf.undefined if not any(name in one for one in sets))


def _all(system: System) -> Iterator[Object]:
    return objects_of(node.entry for node in system.files.nodes.values())


def _missing_libraries(system: System) -> Iterator[Want]:
    for wanting in _all(system):
        for name in wanting.elf.needed:
            if system.loader.find(name, wanting) is None:
                yield Want(wanting.path, name)


def _missing_versions(system: System) -> Iterator[Want]:
    for wanting in _all(system):
        for name, versions in wanting.elf.required:
            library = system.loader.find(name, wanting)
            if library is not None and library.elf.provided:
                for version in versions:
                    if version not in library.elf.provided:
                        yield Want(wanting.path, name, version)
