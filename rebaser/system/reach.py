"""Which files of an image the application certainly uses: what it starts, and what that has loaded."""

from collections.abc import Iterable, Iterator

from rebaser.contents.elf import Elf
from rebaser.layers.entry import Entry
from rebaser.system.commands import Missing, shebang_of, start
from rebaser.system.loader import Object
from rebaser.system.model import System
from rebaser.system.shell import started_words


def started(system: System, own: Iterable[Entry]) -> frozenset[str]:
    """Return the paths of the programs that the container and the application's scripts start, and their libraries."""
    found: set[str] = set()
    for entry in _programs(system, own):
        found.add(entry.path)
        if isinstance(entry.facts, Elf):
            found |= {one.path for one in system.loader.load(Object(entry.path, entry.facts)).objects}
    return frozenset(found)


def _programs(system: System, own: Iterable[Entry]) -> Iterator[Entry]:
    scripts = [f"/{entry.path}" for entry in own if entry.is_executable and shebang_of(entry) is not None]
    for word in dict.fromkeys((*started_words(system), *scripts)):
        chain = start(system.files, system.path, word, system.directory)
        yield from () if isinstance(chain, Missing) else chain
