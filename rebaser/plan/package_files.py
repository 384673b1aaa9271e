"""What package managers say of an image: which version of what is installed, and what of it is there."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from rebaser.layers.entry import Kind
from rebaser.layers.filesystem import FileSystem
from rebaser.mergers.keyed import Key

_KINDS = (Kind.FILE, Kind.SYMLINK)

Installed: TypeAlias = Mapping[Key, tuple[str, str]]
"""Each package's version, empty where it is not installed, and all that the database says of it."""


def there(paths: Iterable[str], files: FileSystem) -> set[str]:
    """Return where those of the paths really are that are files or links."""
    places = {files.place(path) for path in paths}
    return {path for path in places if (entry := files.entry(path)) is not None and entry.kind in _KINDS}
