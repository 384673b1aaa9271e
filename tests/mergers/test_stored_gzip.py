import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.stored_gzip import is_gzip, stored_gzip, unpacked


def test_the_bytes_are_the_same_on_every_machine() -> None:
    assert stored_gzip(b"hi\n") == bytes.fromhex("1f8b08000000000000ff 01 0300fcff 68690a 7a7a6fed 03000000")
    assert stored_gzip(b"") == bytes.fromhex("1f8b08000000000000ff010000ffff0000000000000000")


@pytest.mark.parametrize("size", [0, 1, 65_534, 65_535, 65_536, 131_070, 131_071, 1_000_000])
def test_gzip_reads_what_is_stored_in_one_block_and_in_several(size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    packed = stored_gzip(body)
    assert gzip.decompress(packed) == body
    assert unpacked(packed) == body
    assert len(packed) == size + 18 + 5 * max(1, -(-size // 65_535))


@given(st.binary(max_size=200))
def test_any_gzip_file_is_unpacked(body: bytes) -> None:
    out = io.BytesIO()
    with gzip.GzipFile("name", "wb", fileobj=out, mtime=7) as file:
        file.write(body)
    assert is_gzip(out.getvalue())
    assert unpacked(out.getvalue()) == body


@pytest.mark.parametrize("kept", [0, 1, 2, 10, 11, 20, -8, -1])
def test_a_file_cut_short_is_malformed(kept: int) -> None:
    with pytest.raises(MalformedError, match="cut short"):
        unpacked(gzip.compress(b"a body that goes on for a while", mtime=0)[:kept])


@pytest.mark.parametrize("at", [0, 2, 15, -1, -5])
def test_a_damaged_file_is_malformed(at: int) -> None:
    packed = bytearray(stored_gzip(b"a body that goes on"))
    packed[at] ^= 0x55
    with pytest.raises(MalformedError):
        unpacked(bytes(packed))


@pytest.mark.parametrize("more", [b"x", b"\0", gzip.compress(b"", mtime=0)])
def test_what_follows_the_end_is_malformed(more: bytes) -> None:
    with pytest.raises(MalformedError, match="something follows"):
        unpacked(stored_gzip(b"x") + more)


def test_a_bomb_is_malformed() -> None:
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(65)) + bomb.flush()
    with pytest.raises(MalformedError, match="more than 67108864 bytes"):
        unpacked(packed)
    with pytest.raises(MalformedError, match="67108865 bytes"):
        unpacked(bytes((64 << 20) + 1))


def test_as_much_as_is_allowed_is_unpacked() -> None:
    assert len(unpacked(gzip.compress(bytes(64 << 20), 1))) == 64 << 20
