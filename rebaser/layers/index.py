"""What a layer holds, from one pass over its bytes: entries, whiteouts, and what checks want of the files' contents.

image-spec layer.md. Rules named W1 and so on are those of docs/whiteouts.md.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from rebaser.errors import ImageError
from rebaser.layers import whiteout
from rebaser.layers.compression import decompressed
from rebaser.layers.entry import CONTENT, Entry, Kind, parent_of
from rebaser.layers.facts import Reader, reader_for
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.layers.places import Place, Places
from rebaser.layers.stream import Stream
from rebaser.layers.tar import Member, walk
from rebaser.oci.digest import DiffId, Digest, algorithm, encoded

_HEAD = 4  # bytes that tell programs and scripts
_KINDS = {
    "0": Kind.FILE,
    "1": Kind.HARD_LINK,
    "2": Kind.SYMLINK,
    "3": Kind.CHARACTER,
    "4": Kind.BLOCK,
    "5": Kind.DIRECTORY,
    "6": Kind.FIFO,
}


class Depth(Enum):
    """How much is kept of programs and libraries: the names of the symbols that an application's want are kept too."""

    BASE = "base"
    APPLICATION = "application"


class Oddity(NamedTuple):
    """Something about a layer that engines treat in their own ways; `rule` is the row of the whiteout table."""

    rule: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class LayerIndex:
    """One layer. Each path stands once in `entries`; `whiteouts` are the paths that it removes from layers below.

    `opaques` are the directories of which it removes all that layers below hold. `size` is that of the tar, in bytes.
    """

    diff_id: DiffId
    entries: tuple[Entry, ...] = ()
    whiteouts: tuple[str, ...] = ()
    opaques: tuple[str, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    size: int = 0


def index_layer(
    chunks: Iterable[bytes], diff_id: DiffId, depth: Depth = Depth.APPLICATION, limits: Limits = DEFAULT
) -> LayerIndex:
    """Return the index of the layer whose blob is `chunks`; both are read to their end.

    Raises:
        UnreadableError: the layer is malformed, ambiguous, or over a limit.
        ImageError: `digest-mismatch`, when its tar is not that of the diff ID.
    """
    tar = _Hashed(decompressed(chunks, limits), diff_id)
    found = _Found(limits)
    for member in walk(Stream(tar), limits):
        _take(member, found, depth)
    tar.verify()
    return _index(diff_id, found, tar.size)


class _Hashed:
    """Passes bytes on, and tells at the end whether they were the right ones."""

    def __init__(self, chunks: Iterable[bytes], diff_id: DiffId) -> None:
        self.size = 0
        self._chunks, self._diff_id = chunks, diff_id
        self._hasher = hashlib.new(algorithm(Digest(diff_id)))

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hasher.update(chunk)
            self.size += len(chunk)
            yield chunk

    def verify(self) -> None:
        if self._hasher.hexdigest() != encoded(Digest(self._diff_id)):
            raise ImageError(
                "digest-mismatch",
                f"The layer that the config calls {self._diff_id} holds something else",
                "Do not use this image: build it again, or name another in `image` or `new-base`.",
            )


class _Found:
    def __init__(self, limits: Limits) -> None:
        self.places = Places(limits)
        self.entries: dict[str, Entry] = {}
        self.whiteouts: dict[str, None] = {}
        self.opaques: dict[str, None] = {}
        self.oddities: list[Oddity] = []


def _take(member: Member, found: _Found, depth: Depth) -> None:
    place = found.places.of(member)
    path, mark = place.path, place.mark
    if path != place.told:
        _note_link(path, found)
    if mark is None:
        if found.entries.pop(path, None):
            found.oddities.append(Oddity("W15", path, "it stands in the layer twice, which some engines refuse"))
        found.entries[path] = _entry(place, member, depth)
        found.places.add(place)
    elif mark.kind is whiteout.Mark.REMOVED:
        if mark.path in found.entries:
            found.oddities.append(
                Oddity("W3b", mark.path, "the layer removes it after it has put it there, which some engines refuse")
            )
        found.whiteouts[mark.path] = None
    elif mark.kind is whiteout.Mark.OPAQUE:
        found.opaques[mark.path] = None
    else:
        found.oddities.append(Oddity("W12", path, "it is a record of the aufs storage, which is ignored"))


def _note_link(path: str, found: _Found) -> None:
    directory = parent_of(path)
    standing = found.entries.get(directory)
    if not found.places.has(directory) and (standing is None or standing.kind is not Kind.DIRECTORY):
        why = "the layer has it behind a link of its own to a directory that it has not, which some engines refuse"
        found.oddities.append(Oddity("W9d", path, why))


def _entry(place: Place, member: Member, depth: Depth) -> Entry:
    kind = _KINDS[member.kind]
    if kind is Kind.FILE:
        return read_file(place.path, member, depth)
    return Entry(place.path, kind, member.mode, member.uid, member.gid, 0, place.link, member.device, member.xattrs)


def read_file(path: str, member: Member, depth: Depth) -> Entry:
    """Return what the index has of a file, whose content is read; `path` is its path, cleaned.

    Raises:
        UnreadableError: it cannot be read to its end.
    """
    hasher = hashlib.sha256()
    reader: Reader | None = None
    for position, piece in enumerate(_begun(member)):
        hasher.update(piece)
        if position == 0:
            reader = reader_for(path, member, piece, depth is Depth.APPLICATION)
        if reader is not None:
            reader.feed(piece)
    body, facts = reader.result() if reader is not None else (b"" if member.size == 0 else None, None)
    return Entry(
        path,
        Kind.FILE,
        member.mode,
        member.uid,
        member.gid,
        member.size,
        xattrs=member.xattrs,
        content=hasher.digest()[:CONTENT],
        body=body,
        facts=facts,
    )


def _begun(member: Member) -> Iterator[memoryview]:
    """Yield the content, the first piece long enough to tell what it is, wherever chunks end."""
    head = b""
    for piece in member.content:
        if len(head) >= _HEAD:
            yield piece
            continue
        head += piece
        if len(head) >= min(_HEAD, member.size):
            yield memoryview(head)
            head = head.ljust(_HEAD)


def _index(diff_id: DiffId, found: _Found, size: int) -> LayerIndex:
    oddities = [*found.oddities, *own_oddities(found.entries, found.whiteouts, found.opaques)]
    return LayerIndex(
        diff_id, tuple(found.entries.values()), tuple(found.whiteouts), tuple(found.opaques), tuple(oddities), size
    )


def own_oddities(
    entries: Mapping[str, Entry], whiteouts: Collection[str], opaques: Collection[str]
) -> Iterator[Oddity]:
    """Yield the oddities that come of what a layer holds, in whatever order."""
    for path in whiteouts:
        entry = entries.get(path)
        if entry is not None and entry.kind is Kind.DIRECTORY and path not in opaques:
            yield Oddity(
                "W3a", path, "the layer removes the directory and makes it again; some engines keep what was in it"
            )
    for path in opaques:
        if path and path not in entries:
            yield Oddity("W5b", path, "it is opaque without being in the layer, which engines read in different ways")
    for entry in entries.values():
        if entry.kind is Kind.CHARACTER and entry.device == (0, 0):
            yield Oddity("W21", entry.path, "it is the device 0/0, which the overlay storage takes for a removal")


__all__ = ["Depth", "LayerIndex", "Oddity", "UnreadableError", "index_layer", "own_oddities", "read_file"]
