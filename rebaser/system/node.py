"""The Node.js of an image, and compiled add-ons that are bound to one."""

import re
from collections.abc import Iterable, Iterator

from rebaser.contents.elf import Elf
from rebaser.contents.malformed import MalformedError
from rebaser.contents.node import MODULE_VERSIONS, add_on, read_node_version
from rebaser.layers.entry import Entry
from rebaser.layers.filesystem import FileSystem
from rebaser.system.packages import packages

_HEADERS = ("usr/local/include/node/node_version.h", "usr/include/node/node_version.h")
_LIBRARY = re.compile(r"(?:^|/)libnode\.so\.([0-9]{1,4})$")
_MAJOR = re.compile(r"(?:[0-9]+:)?([0-9]{1,3})\.")


def module_version(files: FileSystem) -> int | None:
    """Return the NODE_MODULE_VERSION of the Node.js that is there; None where there is none, or nothing tells."""
    for path in _HEADERS:
        entry = files.find(path)
        if entry is not None and entry.whole is not None:
            try:
                return read_node_version(entry.whole).modules
            except MalformedError:
                continue
    told = [int(match[1]) for path in files.nodes if (match := _LIBRARY.search(path)) and files.find(path)]
    return max(told) if told else _of_package(files)


def bound_add_ons(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the add-ons that only one module version of Node.js can load."""
    for entry in entries:
        elf = entry.facts if entry.path.endswith(".node") and isinstance(entry.facts, Elf) else None
        if elf is not None and add_on((), elf.undefined).interface == "v8":
            yield entry


def _of_package(files: FileSystem) -> int | None:
    for package in packages(files).all():
        if package.name == "nodejs":
            major = _MAJOR.match(package.version)
            return MODULE_VERSIONS.get(int(major[1])) if major else None
    return None
