import gzip
import hashlib
import struct
import sys
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.errors import ImageError
from rebaser.layers.compression import decompressed
from rebaser.layers.index import index_layer
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.oci.digest import DiffId, digest_of
from tests.builders import a_tar, symlink

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SKIPPABLE = struct.pack("<II", 0x184D2A50, 3) + b"toc"
TEXT = b"a layer " * 5000
NOISE = hashlib.shake_128(b"noise").digest(20_000)
LARGE = hashlib.shake_128(b"more noise").digest(3 << 20)
CHECKED: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1}


def out(blob: bytes, piece: int = 1000, limits: Limits = DEFAULT) -> bytes:
    return b"".join(decompressed((blob[at : at + piece] for at in range(0, len(blob), piece)), limits))


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=4), st.integers(1, 500))
def test_members_of_gzip_and_frames_of_zstd_follow_each_other(parts: list[bytes], piece: int) -> None:
    assert out(b"".join(map(gzip.compress, parts)), piece) == b"".join(parts)
    assert out(b"".join(map(zstd.compress, parts)), piece) == b"".join(parts)


@pytest.mark.parametrize("piece", [1, 3, 64, 100_000])
def test_skippable_frames_are_skipped_wherever_they_stand(piece: int) -> None:
    blob = SKIPPABLE + zstd.compress(b"one") + SKIPPABLE + SKIPPABLE + zstd.compress(b"two") + SKIPPABLE
    assert out(blob, piece) == b"onetwo"


def test_what_is_neither_comes_out_as_it_is() -> None:
    assert out(TEXT) == TEXT
    assert out(b"") == b""
    assert out(b"ab") == b"ab"


@pytest.mark.parametrize("end", [bytes(1000), b"garbage", b"\x1f"])
def test_what_follows_the_last_member_is_ignored_as_engines_ignore_it(end: bytes) -> None:
    assert out(gzip.compress(TEXT, mtime=0) + end) == TEXT


@pytest.mark.parametrize("blob", [gzip.compress(TEXT, mtime=0), zstd.compress(TEXT)])
def test_data_that_ends_too_early_is_unreadable(blob: bytes) -> None:
    with pytest.raises(UnreadableError, match="ends too early"):
        out(blob[: len(blob) // 2])


@pytest.mark.parametrize("packed", [gzip.compress(NOISE, mtime=0), zstd.compress(NOISE, options=CHECKED)])
def test_damaged_data_is_unreadable(packed: bytes) -> None:
    blob = bytearray(packed)
    blob[len(blob) // 2 :] = bytes(byte ^ 0x5A for byte in blob[len(blob) // 2 :])
    with pytest.raises(UnreadableError):
        out(bytes(blob))


def test_more_than_may_come_out_is_unreadable() -> None:
    assert len(out(gzip.compress(bytes(1000)), limits=Limits(uncompressed=1000))) == 1000
    with pytest.raises(UnreadableError, match="more than 999 bytes"):
        out(gzip.compress(bytes(1000)), limits=Limits(uncompressed=999))


def test_a_bomb_is_given_up_before_it_is_out() -> None:
    bomb = zstd.compress(bytes(50_000_000))
    with pytest.raises(UnreadableError, match="times its size"):
        out(bomb, limits=Limits(ratio=100, ratio_from=1 << 20))


def test_a_zstd_window_larger_than_is_given_is_unreadable() -> None:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 20, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options=options)
    blob = compressor.compress(LARGE) + compressor.flush()
    assert len(out(blob)) == 3 << 20
    with pytest.raises(UnreadableError, match="memory"):
        out(blob, limits=Limits(window_log=12))


def test_a_chunk_without_bytes_is_not_the_end() -> None:
    blob = gzip.compress(TEXT, mtime=0)
    assert b"".join(decompressed([b"", blob[:9], b"", blob[9:], b"", b"\x1f", b"", blob[1:]], DEFAULT)) == 2 * TEXT


def gzip_header(flags: int) -> bytes:
    """A header with every part that its flags ask for."""
    header = b"\x1f\x8b\x08" + bytes((flags,)) + bytes(5) + b"\xff"
    header += b"\x09\0ab\0cd\0\0ef" if flags & 4 else b""
    header += b"name\0" if flags & 8 else b""
    header += b"comment\0" if flags & 16 else b""
    return header + (struct.pack("<H", zlib.crc32(header) & 0xFFFF) if flags & 2 else b"")


@pytest.mark.parametrize("flags", range(0, 32, 2))
def test_a_gzip_header_may_end_in_any_chunk(flags: int) -> None:
    header = gzip_header(flags)
    blob = header + gzip.compress(b"content")[10:]
    for at in range(1, len(blob)):
        assert b"".join(decompressed([blob[:at], blob[at:]], DEFAULT)) == b"content"
    assert out(blob, 1) == b"content"
    if flags & 2:
        with pytest.raises(UnreadableError, match="damaged"):
            out(header[:-1] + bytes((header[-1] ^ 1,)) + blob[len(header) :], 1)


@pytest.mark.parametrize("flag", [8, 16])
def test_a_gzip_header_with_a_name_as_long_as_is_read_and_one_more(flag: int) -> None:
    start, rest = b"\x1f\x8b\x08" + bytes((flag,)) + bytes(6), gzip.compress(b"content")[10:]
    assert out(start + b"n" * 511 + b"\0" + rest, 7) == b"content"
    for blob in (start + b"n" * 512 + b"\0" + rest, start + b"n" * 3_000_000):
        with pytest.raises(UnreadableError, match="more than 511 bytes"):
            out(blob)


def test_an_extra_field_of_gzip_may_be_as_large_as_it_gets() -> None:
    blob = b"\x1f\x8b\x08\x04" + bytes(6) + b"\xff\xff" + bytes(65_535) + gzip.compress(b"content")[10:]
    assert out(blob, 10) == b"content"


@pytest.mark.parametrize("empty", [gzip.compress(b"", mtime=0), zstd.compress(b""), SKIPPABLE])
def test_thirty_thousand_members_with_nothing_in_them_are_passed_over(empty: bytes) -> None:
    last = gzip.compress(b"content") if empty[0] == 0x1F else zstd.compress(b"content")
    blob = empty * 30_000 + last
    assert b"".join(decompressed([blob], DEFAULT)) == b"content"


@pytest.mark.parametrize(("log", "readable"), [(27, True), (28, False)])
def test_a_zstd_window_of_128_mib_is_the_largest(log: int, readable: bool) -> None:
    frame = b"\x28\xb5\x2f\xfd\0" + bytes(((log - 10) << 3,)) + b"\x01\0\0"
    if readable:
        assert out(frame) == b""
        return
    with pytest.raises(UnreadableError, match="memory"):
        out(frame)


SMALL = a_tar({"a": "1", "b/": "", "b/c": symlink("../a")})[:3072]
PACKED = [gzip.compress(SMALL, mtime=0), zstd.compress(SMALL), SMALL, SKIPPABLE + zstd.compress(SMALL, options=CHECKED)]


@pytest.mark.parametrize("blob", PACKED)
def test_a_layer_that_lacks_its_last_bytes_is_never_read(blob: bytes) -> None:
    diff_id = DiffId(digest_of(SMALL))
    assert len(index_layer([blob], diff_id).entries) == 3
    for at in range(len(blob)):
        with pytest.raises((UnreadableError, ImageError)):
            index_layer([blob[:at]], diff_id)


@pytest.mark.parametrize("blob", PACKED)
def test_a_layer_with_a_wrong_byte_is_never_read_as_something_else(blob: bytes) -> None:
    diff_id, right = DiffId(digest_of(SMALL)), index_layer([SMALL], DiffId(digest_of(SMALL)))
    for at in range(len(blob)):
        with suppress(UnreadableError, ImageError):
            assert index_layer([blob[:at] + bytes((blob[at] ^ 0x40,)) + blob[at + 1 :]], diff_id) == right


def test_an_empty_blob_is_no_layer_but_that_of_nothing() -> None:
    assert index_layer([], DiffId(digest_of(b""))).entries == ()
    with pytest.raises(ImageError):
        index_layer([], DiffId(digest_of(SMALL)))
