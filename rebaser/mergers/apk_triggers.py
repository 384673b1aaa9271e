"""For which directories are scripts of packages to run, where both sides installed some? apk's `triggers`.

A line has the checksum of a package, and patterns of directories. apk takes several lines of one package together.
"""

from collections.abc import Mapping

from rebaser.contents.apk_records import digest
from rebaser.contents.malformed import MalformedError
from rebaser.mergers.apk_files import merge_parts
from rebaser.mergers.conflict import Conflict
from rebaser.mergers.keyed import by_meaning

_MAX = 1 << 20  # bytes


def merge_triggers(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the lines of both sides, in the new base's order.

    A file that the application removed as a whole stays away. Conflicts are named by the checksum, in hexadecimal.

    Raises:
        MalformedError: both sides changed it, and one is larger than 1 MiB.
    """
    return merge_parts((old, app, new), _by_checksum, by_meaning(_patterns, str), _written)


def _by_checksum(body: bytes) -> Mapping[str, bytes]:
    """Return the lines of each package, without blank ones."""
    if len(body) > _MAX:
        raise MalformedError(f"the list of triggers has {len(body)} bytes")
    lines: dict[str, list[bytes]] = {}
    for line in body.split(b"\n"):
        if line.strip():
            checksum = line.split(b" ", 1)[0].decode("utf-8", "surrogateescape")
            lines.setdefault(digest(checksum) or checksum, []).append(line + b"\n")
    return {checksum: b"".join(several) for checksum, several in lines.items()}


def _written(merged: Mapping[str, bytes], _ours: Mapping[str, bytes]) -> bytes:
    return b"".join(merged.values())


def _patterns(lines: bytes) -> frozenset[bytes]:
    return frozenset(pattern for line in lines.splitlines() for pattern in line.split(b" ")[1:] if pattern)
