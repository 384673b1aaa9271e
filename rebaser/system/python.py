"""Pythons of an image, and which of them files of an application need."""

from collections.abc import Iterable, Iterator

from rebaser.contents.malformed import MalformedError
from rebaser.contents.python import python_of
from rebaser.contents.python_packages import read_pyvenv
from rebaser.layers.entry import Entry, Kind
from rebaser.layers.filesystem import FileSystem

_VENV = "pyvenv.cfg"
_CACHE = "__pycache__/"


def interpreters(files: FileSystem) -> frozenset[str]:
    """Return the versions, `3.11`, whose interpreter is there and leads to a file that may be executed."""
    found = set()
    for path in files.nodes:
        tag = python_of(path) if path.endswith(tuple("0123456789t")) and "bin/" in path else None
        if tag is not None and tag.kind == "interpreter" and "." in tag.version:
            entry = files.find(path)
            if entry is not None and entry.is_executable:
                found.add(tag.version)
    return frozenset(found)


def modules(files: FileSystem) -> frozenset[str]:
    """Return the top-level modules of the Pythons that are there, installed ones as well; none where there is none."""
    return frozenset(_modules(files))


def _modules(files: FileSystem) -> Iterator[str]:
    for path, node in files.nodes.items():
        tag = python_of(f"{path}/x") if node.entry.kind is Kind.DIRECTORY and "/python3" in path else None
        if tag is None or tag.home != path:
            continue
        for directory in (path, f"{path}/site-packages", f"{path}/dist-packages"):
            yield from _top_level(files, directory)
        yield from (name.partition(".")[0] for name in files.children.get(f"{path}/lib-dynload", ()))


def _top_level(files: FileSystem, directory: str) -> Iterator[str]:
    for name in files.children.get(directory, ()):
        if name.endswith((".py", ".so")):
            yield name.partition(".")[0]
        elif f"{directory}/{name}" in files.children and name.isidentifier():
            yield name


def wanted_by(entry: Entry) -> str | None:
    """Return the version of Python that a file is for and only for; None where any does, or it is no file of Python."""
    tag = python_of(entry.path)
    if tag is None or tag.kind in ("interpreter", "cache") or tag.implementation not in ("cpython", ""):
        return None
    if tag.kind == "extension" and tag.version and not tag.stable_abi:
        return tag.version
    return tag.home_version if "." in tag.home_version else None


def environments(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Yield the virtual environments among files: where each lies, and the path of the Python that it runs."""
    for entry in entries:
        if entry.path.rpartition("/")[2] == _VENV and entry.whole is not None:
            try:
                told = read_pyvenv(entry.whole)
            except MalformedError:
                continue
            if told.home:
                minor = ".".join(told.version.split(".")[:2])
                yield entry.path.rpartition("/")[0], told.executable or f"{told.home}/python{minor}"


def source_of(path: str) -> str | None:
    """Return the source of a compiled module in a `__pycache__`; None for what is none."""
    tag = python_of(path) if path.endswith(".pyc") else None
    directory, cache, name = path.rpartition(_CACHE)
    if tag is None or tag.kind != "cache" or not cache:
        return None
    return f"{directory}{name.partition('.')[0]}.py"
