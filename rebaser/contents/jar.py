"""What a Java archive needs of the Java that runs it, found by looking at the first bytes of its classes.

Archives within the archive, as Spring Boot packs them, are looked into as well where they are stored as they are.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.contents.java import ClassVersion, read_class_version
from rebaser.contents.malformed import MalformedError
from rebaser.contents.zip_entries import STORED, ZipEntry, entries, first_bytes

_MAX_CLASSES = 20_000  # of one archive, those within it included; the rest is not looked at
_MAX_MANIFEST = 256 * 1024  # bytes
_MANIFEST = "META-INF/MANIFEST.MF"
_ARCHIVES = (".jar", ".war")


@dataclass(frozen=True, slots=True)
class JarFacts:
    """What is known of a Java archive.

    `highest` is the highest class file version outside of META-INF/versions, module descriptors aside; None when there
    are no classes. `classes` counts those read, `unread` those that could not be; `complete`: no others are left.
    """

    highest: ClassVersion | None
    classes: int
    unread: int
    complete: bool
    multi_release: bool
    main_class: str
    module_name: str
    native: tuple[str, ...]


def read_jar(body: bytes) -> JarFacts:
    """Return what is known of the archive `body`.

    Raises:
        MalformedError: it is no zip archive, is broken, or has more entries than are read.
    """
    listed = list(entries(body))
    manifest = _manifest(body, listed)
    heads = _class_heads(body, listed)
    versions, unread = _versions(itertools.islice(heads, _MAX_CLASSES))
    highest = max(versions, key=lambda version: (version.major, version.preview), default=None)
    return JarFacts(
        highest,
        len(versions),
        unread,
        next(heads, None) is None,
        manifest.get("multi-release", "").lower() == "true",
        manifest.get("main-class", ""),
        manifest.get("automatic-module-name", ""),
        tuple(entry.name for entry in listed if entry.name.endswith(".so"))[:100],
    )


def _versions(heads: Iterator[bytes]) -> tuple[list[ClassVersion], int]:
    versions, unread = [], 0
    for head in heads:
        try:
            versions.append(read_class_version(head))
        except MalformedError:
            unread += 1
    return versions, unread


def _class_heads(body: bytes, listed: list[ZipEntry]) -> Iterator[bytes]:
    """Yield the first 8 bytes of each class that every Java loads; of those that cannot be read, none."""
    left = len(body)  # archives that lie side by side cannot be more than this together; those that overlap are a trap
    for entry in listed:
        if entry.name.endswith(".class") and _loaded_by_all(entry.name):
            yield _head(body, entry)
        elif entry.name.endswith(_ARCHIVES) and entry.method == STORED and entry.size <= left:
            left -= entry.size
            yield from _nested(body, entry)


def _loaded_by_all(name: str) -> bool:
    return not name.startswith("META-INF/versions/") and name.rpartition("/")[2] != "module-info.class"


def _head(body: bytes, entry: ZipEntry) -> bytes:
    try:
        return first_bytes(body, entry, 8)
    except MalformedError:
        return b""


def _nested(body: bytes, entry: ZipEntry) -> Iterator[bytes]:
    """Yield the heads of the classes of an archive within; one that is broken counts as a class that is unread."""
    try:
        inner = first_bytes(body, entry, entry.size)
        for within in entries(inner):
            if within.name.endswith(".class") and _loaded_by_all(within.name):
                yield _head(inner, within)
    except MalformedError:
        yield b""


def _manifest(body: bytes, listed: list[ZipEntry]) -> dict[str, str]:
    """Return the main attributes of the manifest, names in lower case; of one that cannot be read, none."""
    found = next((entry for entry in listed if entry.name.upper() == _MANIFEST), None)
    if found is None:
        return {}
    try:
        text = first_bytes(body, found, _MAX_MANIFEST).decode("utf-8", "replace")
    except MalformedError:
        return {}
    main = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n\n")[0].replace("\n ", "")
    pairs = (line.partition(":") for line in main.split("\n"))
    return {name.lower(): value.strip() for name, colon, value in pairs if colon}
