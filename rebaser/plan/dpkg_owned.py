"""What dpkg's database and lists say is installed, and which files are a package's. dpkg(1), deb822(5)."""

from collections.abc import Iterable, Iterator, Mapping

from rebaser.layers.filesystem import FileSystem
from rebaser.mergers.dpkg import PACKAGE
from rebaser.mergers.keyed import Key
from rebaser.mergers.stanzas import Stanza, read_stanzas
from rebaser.plan.evidence import Evidence
from rebaser.plan.package_files import Installed, there
from rebaser.plan.sources import Bodies, Place, Source
from rebaser.system.model import System
from rebaser.system.packages import DPKG_STATUS

INFO = "var/lib/dpkg/info/"


def installed(system: System) -> Installed:
    """Return the packages of an image.

    Raises:
        MalformedError: the database is not made of stanzas.
    """
    entry = system.files.find(DPKG_STATUS)
    body = entry.whole if entry is not None else None
    return {key: (_version(one), one.text) for key, one in read_stanzas(body or b"", PACKAGE).items()}


def _version(stanza: Stanza) -> str:
    return stanza.value("Version") if stanza.value("Status").split()[-1:] == ["installed"] else ""


def info(key: Key, system: System) -> list[str]:
    """Return what dpkg keeps of a package, beside its stanza."""
    known = system.remember("dpkg's info", lambda: _by_package(system.files.names(INFO)))
    return [path for stem in (key[0], f"{key[0]}:{key[1]}") for path in known.get(stem, ())]


def _by_package(names: Iterable[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.rpartition(".")[0], []).append(f"{INFO}{name}")
    return found


def files_of(key: Key, place: Place, system: System, lists: Bodies) -> set[str]:
    """Return the files and links that a package's list names, where they really are."""
    return _listed((path for path in info(key, system) if path.endswith(".list")), place, system.files, lists)


def own_lists(evidence: Evidence) -> Iterator[Source]:
    """Yield the lists of files that the application's layers brought."""
    yield from (Source("app", path) for path in evidence.own if path.startswith(INFO) and path.endswith(".list"))


def own_files(evidence: Evidence, lists: Bodies) -> frozenset[str]:
    """Return the files and links of the packages that the application's layers brought."""
    paths = (source.path for source in own_lists(evidence))
    return frozenset(_listed(paths, "app", evidence.original.files, lists))


def _listed(paths: Iterable[str], place: Place, files: FileSystem, lists: Bodies) -> set[str]:
    bodies = (lists.get(Source(place, path)) for path in paths)
    told = (line for body in bodies if body for line in body.content.decode("utf-8", "surrogateescape").split("\n"))
    return there((line for line in told if line.startswith("/") and line != "/."), files)
