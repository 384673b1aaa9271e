"""What files of a layer hold, by exact path: read once it is known which are wanted."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rebaser.layers.compression import decompressed
from rebaser.layers.entry import Kind
from rebaser.layers.header import time
from rebaser.layers.index import LayerIndex
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.layers.places import Places
from rebaser.layers.stream import Stream
from rebaser.layers.tar import walk

MAX_BODIES = 256 << 20  # bytes of all contents of one layer that are read at once
_LARGEST_TIME = 0o77777777777  # what a header of ours has place for


class Body(NamedTuple):
    """A file's content, and when it was changed, in whole seconds since 1970; 0 where that was before."""

    content: bytes
    modified: int = 0


def members(index: LayerIndex, paths: Iterable[str]) -> dict[str, str]:
    """Return which member of the layer holds the content at each path: the path itself, or what it is joined to."""
    held: dict[str, str] = {}
    for entry in index.entries:
        if entry.kind is Kind.FILE:
            held[entry.path] = entry.path
        elif entry.kind is Kind.HARD_LINK and entry.link in held:  # what comes later is not what it joins
            held[entry.path] = held[entry.link]
    return {path: held[path] for path in paths if path in held}


def read_bodies(chunks: Iterable[bytes], wanted: Mapping[str, str], limits: Limits = DEFAULT) -> dict[str, Body]:
    """Return the contents by path, from the layer's blob; `wanted` are members by path, as `members` gives them.

    Raises:
        UnreadableError: the layer is malformed or over a limit, or what is wanted of it is too large.
    """
    names = frozenset(wanted.values())
    read: dict[str, Body] = {}
    total = 0
    places = Places(limits)
    for member in walk(Stream(decompressed(chunks, limits)), limits):
        place = places.of(member)
        places.add(place)
        if place.path in names and member.kind == "0" and place.mark is None:
            total += member.size
            if total > MAX_BODIES:
                raise UnreadableError(f"the files that are wanted of it have more than {MAX_BODIES} bytes")
            read[place.path] = Body(b"".join(member.content), _seconds(*member.times))
    return {path: read[name] for path, name in wanted.items() if name in read}


def _seconds(field: bytes, record: bytes) -> int:
    """Return the time of a header, or of the record in its place, which may have a fraction."""
    told = int(record.partition(b".")[0]) if record else time(field)
    return min(max(told, 0), _LARGEST_TIME)
