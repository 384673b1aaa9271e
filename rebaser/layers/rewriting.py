"""A layer's tar with some of its members moved, left out, or made files of their own; all others as they stand.

What is not changed keeps its very blocks, save what the layer has behind a link of its own: that is written where it
leads. What is changed keeps all that its headers say of times, owners' names and sparse parts. The new tar is held
against what was wanted, member by member, as the index reads it; what would be read in another way is not written.
"""

from collections.abc import Iterable, Iterator

from rebaser.layers import whiteout
from rebaser.layers.blocks import Blocks, walk_blocks
from rebaser.layers.changes import Changes, Joined
from rebaser.layers.compression import decompressed
from rebaser.layers.extended import BLOCK, headers
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.layers.places import Place, Places
from rebaser.layers.renaming import renamed, unjoined
from rebaser.layers.stream import Stream
from rebaser.layers.tar import Member, Members

_END = bytes(2 * BLOCK)


def rewritten(chunks: Iterable[bytes], changes: Changes, limits: Limits = DEFAULT) -> Iterator[bytes]:
    """Yield the new tar, uncompressed, of the layer whose blob is `chunks`; it ends with two blocks of zeros.

    Raises:
        UnreadableError: the layer, or the new one, is malformed, ambiguous, or over a limit.
    """
    size = 0
    for piece in _pieces(chunks, changes, limits):
        size += len(piece)
        if size > limits.uncompressed:
            raise UnreadableError(f"the new layer would have more than {limits.uncompressed} bytes")
        yield bytes(piece)


def _pieces(chunks: Iterable[bytes], changes: Changes, limits: Limits) -> Iterator[bytes | memoryview]:
    old, new = Places(limits), _New(limits)
    for blocks in walk_blocks(Stream(decompressed(chunks, limits)), limits):
        place = old.of(blocks.member)
        old.add(place)
        wanted = _wanted(place, changes)
        if wanted is not None:
            file = changes.joined[place.path] if wanted.kind != place.kind else None
            yield from new.written(blocks, wanted, file)
    yield _END


def _wanted(place: Place, changes: Changes) -> Place | None:
    """Return where a member should be in the new layer, None if nowhere."""
    mark = place.mark
    if mark is None:
        return None if place.path in changes.dropped else _wanted_entry(place, changes)
    if mark.kind is whiteout.Mark.REMOVED and mark.path in changes.idle:
        return None
    if mark.kind is not whiteout.Mark.RECORD:
        mark = mark._replace(path=changes.place(mark.path))
    path = whiteout.written(mark)
    return Place(path, path, place.kind, place.link, mark)


def _wanted_entry(place: Place, changes: Changes) -> Place:
    path = changes.place(place.path)
    if place.kind == "1" and place.path in changes.joined:
        return Place(path, path, "0", "")
    return Place(path, path, place.kind, changes.place(place.link) if place.kind == "1" else place.link)


class _New:
    """The layer as it is written, read at once as its reader will read it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._places = Places(limits)
        self._members = Members(limits)

    def written(self, blocks: Blocks, wanted: Place, file: Joined | None) -> Iterator[bytes | memoryview]:
        """Yield the blocks of a member at its place; those of a file of its own, if there is one.

        Raises:
            UnreadableError: a reader would find something else in them, or they are over a limit.
        """
        name = _styled(blocks.member, wanted.path)
        if file is not None:
            head = unjoined(blocks, name, file, self._limits)
            self._check(self._read(head), wanted, _with(blocks.member, file))
            yield from (head, file.content, bytes(-len(file.content) % BLOCK))
            return
        if self._places.of(blocks.member) == wanted:
            head = blocks.headers
            self._members.count(blocks.member)
            self._places.add(wanted)
        else:
            head = renamed(blocks, name, wanted.link, self._limits)
            self._check(self._read(head + blocks.map), wanted, blocks.member)
        yield from (head, blocks.map)
        yield from blocks.content

    def _read(self, head: bytes) -> Member:
        source = Stream((head,))
        member, _ = self._members.read(*next(headers(source, self._limits)), source, source)
        return member

    def _check(self, member: Member, wanted: Place, like: Member) -> None:
        place = self._places.of(member)
        if place != wanted or _access(member) != _access(like):
            raise UnreadableError(f"the new layer would have {wanted.path!r} elsewhere, or otherwise than it should be")
        self._places.add(place)


def _access(member: Member) -> tuple[object, ...]:
    """Return what a member says beside its names."""
    return (member.mode, member.uid, member.gid, member.size, member.device, member.xattrs, member.times)


def _with(member: Member, file: Joined) -> Member:
    xattrs = tuple(sorted(file.xattrs))
    return member._replace(mode=file.mode, uid=file.uid, gid=file.gid, size=len(file.content), xattrs=xattrs)


def _styled(member: Member, path: str) -> str:
    """Return a path as this archive writes its paths."""
    return ("./" if member.path.startswith("./") else "") + path + ("/" if member.kind == "5" else "")


__all__ = ["Changes", "Joined", "rewritten"]
