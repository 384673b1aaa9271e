"""Which library a program gets for each name it asks for: as ld.so(8) of glibc and musl's loader look for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rebaser.contents.elf import Elf
from rebaser.contents.ld_so import read_ld_so_cache
from rebaser.contents.malformed import MalformedError
from rebaser.layers.entry import Entry, parent_of
from rebaser.layers.filesystem import FileSystem

_TRIPLETS = {
    62: "x86_64-linux-gnu",
    183: "aarch64-linux-gnu",
    3: "i386-linux-gnu",
    40: "arm-linux-gnueabihf",
    21: "powerpc64le-linux-gnu",
    22: "s390x-linux-gnu",
    243: "riscv64-linux-gnu",
}
_PLATFORMS = {62: "x86_64", 183: "aarch64", 3: "i686", 40: "v7l", 21: "ppc64le", 22: "s390x", 243: "riscv64"}
_MUSL = "ld-musl-"
_MUSL_PATH = ("/lib", "/usr/local/lib", "/usr/lib")
MAX_OBJECTS = 2000  # of one program; none needs as many


@dataclass(frozen=True, slots=True)
class Object:
    """A program or library: the file that it is, and what it says of itself."""

    path: str
    elf: Elf


@dataclass(frozen=True)
class Loaded:
    """A program with all that is loaded with it, in the order of the search; `missing` are the names not found."""

    objects: tuple[Object, ...]
    missing: tuple[tuple[Object, str], ...]
    found: Mapping[tuple[str, str], Object] = field(default_factory=dict)


@dataclass(frozen=True)
class Loader:
    """Looks libraries up in one file system; `library_path` is LD_LIBRARY_PATH."""

    files: FileSystem
    library_path: str = ""
    _loaded: dict[str, Loaded] = field(default_factory=dict, repr=False)
    _found: dict[tuple[str, str], Object | None] = field(default_factory=dict, repr=False)

    @cached_property
    def cache(self) -> Mapping[str, Sequence[str]]:
        """Return the paths by soname that /etc/ld.so.cache tells; empty where there is none or it can't be read."""
        entry = self.files.find("etc/ld.so.cache")
        found: dict[str, list[str]] = {}
        if entry is not None and entry.whole:
            try:
                listed = read_ld_so_cache(entry.whole)
            except MalformedError:
                return {}
            for told in listed:
                found.setdefault(told.soname, []).append(told.path)
        return found

    def object_at(self, path: str) -> Object | None:
        """Return the program or library that a path leads to."""
        entry = self.files.find(path)
        return Object(entry.path, entry.facts) if entry is not None and isinstance(entry.facts, Elf) else None

    def find(self, name: str, wanting: Object, above: Sequence[Object] = ()) -> Object | None:
        """Return the library that `wanting` gets for a name; `above` are those that had it loaded, the nearest last."""
        key = (wanting.path, name)
        if above or key not in self._found:
            library = self._search(name, wanting, above, musl=self._is_musl(wanting))
            if above:
                return library
            self._found[key] = library
        return self._found[key]

    def path_of(self, path: str, name: str) -> str | None:
        """Return the path of the library that the file at `path` gets for a name."""
        wanting = self.object_at(path)
        library = self.find(name, wanting) if wanting else None
        return f"/{library.path}" if library else None

    def load(self, start: Object) -> Loaded:
        """Return what is loaded when `start` is: a program is executed, a library opened."""
        if start.path not in self._loaded:
            self._loaded[start.path] = self._load(start)
        return self._loaded[start.path]

    def _load(self, start: Object) -> Loaded:
        objects, by_name = {start.path: start}, {start.elf.soname or "": start}
        missing: list[tuple[Object, str]] = []
        found: dict[tuple[str, str], Object] = {}
        waiting: list[tuple[Object, tuple[Object, ...]]] = [(start, ())]
        while waiting and len(objects) < MAX_OBJECTS:
            wanting, above = waiting.pop(0)
            for name in wanting.elf.needed:
                library = by_name.get(name) or self.find(name, wanting, above)
                if library is None:
                    missing.append((wanting, name))
                    continue
                found[wanting.path, name] = library
                by_name.setdefault(name, library)
                if library.path not in objects:
                    objects[library.path] = library
                    waiting.append((library, (*above, wanting)))
        return Loaded(tuple(objects.values()), tuple(missing), found)

    def _is_musl(self, start: Object) -> bool:
        name = (start.elf.interpreter or "").rpartition("/")[2]
        return name.startswith(_MUSL) or any(needed.startswith("libc.musl-") for needed in start.elf.needed)

    def _search(self, name: str, wanting: Object, above: Sequence[Object], *, musl: bool) -> Object | None:
        places = (name,) if "/" in name else self._places(name, wanting, above, musl=musl)
        fitting = (self._fitting(place, wanting) for place in places)
        return next((library for library in fitting if library is not None), None)

    def _places(self, name: str, wanting: Object, above: Sequence[Object], *, musl: bool) -> Iterator[str]:
        """Yield the paths at which a library is looked for, in order."""
        for directory in self._told_directories(wanting, above, musl=musl):
            yield f"{directory}/{name}"
        if not musl:
            yield from self.cache.get(name, ())
        for directory in self._musl_path if musl else _default_directories(wanting.elf):
            yield f"{directory}/{name}"

    def _told_directories(self, wanting: Object, above: Sequence[Object], *, musl: bool) -> Iterator[str]:
        """Yield those of RPATH, LD_LIBRARY_PATH and RUNPATH; an RPATH counts for what its owner loads, too."""
        if musl or not wanting.elf.runpath:
            for owner in (wanting, *reversed(above)):
                if musl or not owner.elf.runpath:
                    yield from _expanded(owner.elf.rpath, owner)
        yield from _expanded(self.library_path.replace(";", ":"), wanting)
        yield from _expanded(wanting.elf.runpath, wanting)

    @cached_property
    def _musl_path(self) -> tuple[str, ...]:
        for name in self.files.names("etc"):
            if name.startswith(_MUSL) and name.endswith(".path"):
                entry = self.files.find(f"etc/{name}")
                text = (entry.whole or b"").decode("utf-8", "surrogateescape") if entry else ""
                return tuple(part.strip() for part in text.replace(":", "\n").splitlines() if part.strip())
        return _MUSL_PATH

    def _fitting(self, path: str, wanting: Object) -> Object | None:
        found = self.object_at(path)
        if found is None or not _fits(found.elf, wanting.elf):
            return None
        return found


def _default_directories(elf: Elf) -> Iterator[str]:
    triplet = _TRIPLETS.get(elf.machine)
    if triplet:
        yield from (f"/lib/{triplet}", f"/usr/lib/{triplet}")
    if elf.bits == 64:  # noqa: PLR2004
        yield from ("/lib64", "/usr/lib64")
    yield from ("/lib", "/usr/lib")


def _expanded(path: str | None, owner: Object) -> Iterator[str]:
    """Yield the directories of a search path, with what the loader puts in for its names."""
    machine = owner.elf.machine
    names = {
        "ORIGIN": f"/{parent_of(owner.path)}",
        "LIB": f"lib/{_TRIPLETS.get(machine, '')}",
        "PLATFORM": _PLATFORMS.get(machine, ""),
    }
    for part in path.split(":") if path else ():
        for name, value in names.items():
            part = part.replace(f"${{{name}}}", value).replace(f"${name}", value)  # noqa: PLW2901
        yield part or "."


def _fits(library: Elf, wanting: Elf) -> bool:
    return (library.machine, library.bits, library.byte_order) == (wanting.machine, wanting.bits, wanting.byte_order)


def objects_of(entries: Iterable[Entry]) -> Iterator[Object]:
    """Yield the programs and libraries among files."""
    for entry in entries:
        if isinstance(entry.facts, Elf):
            yield Object(entry.path, entry.facts)
