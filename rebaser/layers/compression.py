"""A layer's tar out of its blob: gzip of any number of members, zstd of any number of frames, or plain.

What it is shows in the first bytes; media types are often wrong, and engines go by the bytes as well. RFC 1952,
RFC 8878. Output comes in pieces of a bounded size, whatever the input says.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from isal import isal_zlib

from rebaser.layers.limits import Limits, UnreadableError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_DAMAGED: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub says that it is one
PIECE = 1 << 18  # bytes that come out at a time
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"  # after a first byte of 0x50 to 0x5f
_MAGIC = 4  # bytes that are enough to tell
_FEED = 1 << 16  # bytes that go in at a time
_FIRST_FEED = 1 << 10  # into a new member: what it leaves is copied, and there may be many small ones

_FIXED = 10  # bytes of a gzip header that are always there
_CHECKED, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16  # its flags
_MAX_NAME = 511  # bytes of the name or comment in it: engines read no longer one


class _Decoder(Protocol):
    """One gzip member or one zstd frame."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def pieces(self, data: bytes) -> Iterator[bytes]: ...


def decompressed(chunks: Iterable[bytes], limits: Limits) -> Iterator[bytes]:
    """Yield the tar's bytes.

    Raises:
        UnreadableError: it is cut short or damaged, or more comes out than `limits` allow.
    """
    source = filter(None, chunks)
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= _MAGIC:
            break
    decoder = _decoder_for(head, limits)
    pieces = _pieces(head, source, limits) if decoder else _plain(head, source)
    return _bounded(pieces, limits)


def _plain(head: bytes, source: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    yield head, len(head)
    for chunk in source:
        yield chunk, len(chunk)


def _pieces(head: bytes, source: Iterator[bytes], limits: Limits) -> Iterator[tuple[bytes, int]]:
    """Yield what comes out, each time with how much went in since the last; members and frames follow each other."""
    decoder: _Decoder | None = None
    for chunk in chain((head,), source):
        data, at, went_in, feed = chunk, 0, len(chunk), _FEED
        while at < len(data):
            if decoder is None:
                decoder, feed = _decoder_for(data[at : at + _MAGIC], limits), _FIRST_FEED
            if decoder is None and len(data) - at < _MAGIC and (more := next(source, b"")):
                data, at, went_in = data[at:] + more, 0, went_in + len(more)
                continue
            if decoder is None:
                yield from _trailing(went_in, source)
                return
            part = data[at : at + feed]
            for piece in decoder.pieces(part):
                yield piece, went_in
                went_in = 0
            at, feed = at + len(part), min(2 * feed, _FEED)
            if decoder.eof:
                at, decoder = at - len(decoder.unused_data), None
        if went_in:
            yield b"", went_in
    if decoder is not None:
        raise UnreadableError("its compressed data ends too early")


def _trailing(went_in: int, source: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """Pass over what follows the last member; engines ignore it, and the diff ID tells whether something is missing."""
    yield b"", went_in
    for chunk in source:
        yield b"", len(chunk)


def _decoder_for(data: bytes, limits: Limits) -> _Decoder | None:
    if data[:2] == _GZIP:
        return _Gzip()
    if data[:4] == _ZSTD or (data[1:4] == _SKIPPABLE and data[0] & 0xF0 == 0x50):  # noqa: PLR2004
        return _Zstd(limits.window_log)
    return None


class _Gzip:
    """A member. It gets its header in one piece: isal takes one that comes in several for another, or for damaged."""

    def __init__(self) -> None:
        self._object = isal_zlib.decompressobj(wbits=31)
        self._header: bytearray | None = bytearray()

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._header is not None:
            self._header += data
            if not _is_whole(self._header):
                return
            data, self._header = bytes(self._header), None
        try:
            while data and not self._object.eof:
                piece = self._object.decompress(data, PIECE)
                data = self._object.unconsumed_tail
                yield piece
            while not self._object.eof and (piece := self._object.decompress(b"", PIECE)):
                yield piece
        except _DAMAGED as error:
            raise UnreadableError(f"its gzip data is damaged: {error}") from error


def _is_whole(header: bytearray) -> bool:
    """Answer whether the header of a member is all there."""
    if len(header) < _FIXED + 2:
        return False
    flags, end = header[3], _FIXED
    if flags & _EXTRA:
        end += 2 + int.from_bytes(header[_FIXED : _FIXED + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            found = header.find(b"\0", end, end + _MAX_NAME + 1)
            if found < 0 and len(header) > end + _MAX_NAME:
                raise UnreadableError(f"its gzip header has a name of more than {_MAX_NAME} bytes")
            end = found + 1 if found >= 0 else len(header) + 1
    return len(header) >= end + (2 if flags & _CHECKED else 0)


class _Zstd:
    def __init__(self, window_log: int) -> None:
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: window_log}
        self._object = zstd.ZstdDecompressor(options=options)

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            yield self._object.decompress(data, PIECE)
            while not self._object.eof and not self._object.needs_input:
                yield self._object.decompress(b"", PIECE)
        except zstd.ZstdError as error:
            raise UnreadableError(f"its zstd data is damaged or wants more memory than is given: {error}") from error


def _bounded(pieces: Iterable[tuple[bytes, int]], limits: Limits) -> Iterator[bytes]:
    came_out = went_in = 0
    for piece, taken in pieces:
        came_out, went_in = came_out + len(piece), went_in + taken
        if came_out > limits.uncompressed:
            raise UnreadableError(f"more than {limits.uncompressed} bytes come out of it")
        if came_out > limits.ratio_from and came_out > limits.ratio * went_in:
            raise UnreadableError(f"it unpacks to more than {limits.ratio} times its size")
        if piece:
            yield piece
