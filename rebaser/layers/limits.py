"""How much of a layer is read. A layer that is larger is not judged by half: it is unreadable."""

from dataclasses import dataclass

_GIB = 1 << 30


class UnreadableError(Exception):
    """The layer cannot be read to its end, or not in one way only; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes; `ratio` is uncompressed to compressed size, judged once `ratio_from` bytes came out."""

    uncompressed: int = 60 * _GIB
    ratio: int = 1200
    ratio_from: int = 64 << 20
    window_log: int = 27  # of zstd: 128 MiB
    entries: int = 1_000_000
    path: int = 4096
    component: int = 255
    depth: int = 256  # names in a path, of which each is a directory that may have to be made
    implied: int = 128 << 20  # of the names of directories that have no entry of their own
    names: int = 256 << 20  # of all entries' names, links and attributes together: they are kept
    link: int = 4096
    pax: int = 1 << 20
    record: int = 64 << 10
    sparse_parts: int = 100_000
    holes: int = 8 * _GIB  # of all sparse files together: they cost nothing to store, and time to read


DEFAULT = Limits()
