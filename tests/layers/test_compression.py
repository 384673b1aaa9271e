import gzip
import hashlib
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.layers.compression import decompressed
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError

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
    assert out(gzip.compress(TEXT) + end) == TEXT


@pytest.mark.parametrize("blob", [gzip.compress(TEXT), zstd.compress(TEXT)])
def test_data_that_ends_too_early_is_unreadable(blob: bytes) -> None:
    with pytest.raises(UnreadableError, match="ends too early"):
        out(blob[: len(blob) // 2])


@pytest.mark.parametrize("packed", [gzip.compress(NOISE), zstd.compress(NOISE, options=CHECKED)])
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
