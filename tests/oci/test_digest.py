import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.errors import ImageError
from rebaser.oci.digest import (
    Digest,
    algorithm,
    digest_of,
    encoded,
    matches,
    parse_diff_id,
    parse_digest,
    verified,
)

HELLO = Digest("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
SHA512 = Digest("sha512:" + hashlib.sha512(b"hello").hexdigest())
HEX = "0123456789abcdef" * 4


def test_a_digest_has_an_algorithm_and_an_encoded_part() -> None:
    assert parse_digest(f"sha256:{HEX}") == f"sha256:{HEX}"
    assert (algorithm(HELLO), encoded(HELLO)[:4]) == ("sha256", "2cf2")
    assert parse_digest(SHA512) == SHA512
    assert parse_diff_id(f"sha256:{HEX}") == f"sha256:{HEX}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256",
        "sha256:",
        HEX,
        f"sha256:{HEX[:-1]}",
        f"sha256:{HEX}0",
        f"sha256:{HEX.upper()}",
        f"SHA256:{HEX}",
        f"sha256:{HEX}\n",
        f"\nsha256:{HEX}",
        f" sha256:{HEX}",
        f"sha256:{HEX[:-1]}\0",
        f"sha256:{HEX[:-3]}%2f",
        f"sha256:{HEX[:-1]}g",
        f"sha256:{HEX[:-1]}٣",
        f"sha256:{HEX[:-1]}³",
        "sha256:../../v2/other/manifests/x",
        "sha256:" + "../" * 21 + "x",
        f"sha256:{HEX}/../x",
        f"sha256:{HEX}?x=1",
        f"sha512:{HEX}",
        f"sha384:{HEX}{HEX[:32]}",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        f"sha256+b64u:{HEX}",
        f"blake3:{HEX}",
        f"sha256:sha256:{HEX}",
        "sha256:" + "0" * 5_000_000,
    ],
)
def test_a_hostile_digest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a sha256 or sha512 digest") as refusal:
        parse_digest(text)
    assert len(str(refusal.value)) < 1000


@given(st.text())
def test_what_is_accepted_can_stand_in_a_path_and_a_url(text: str) -> None:
    try:
        digest = parse_digest(text)
    except ValueError:
        return
    assert set(digest) <= set("sha:0123456789abcdef")


def test_content_is_held_against_the_digest_s_own_algorithm() -> None:
    assert digest_of(b"hello") == HELLO
    assert matches(b"hello", HELLO)
    assert matches(b"hello", SHA512)
    assert not matches(b"hello!", HELLO)
    assert not matches(b"hello!", SHA512)


@pytest.mark.parametrize("digest", [HELLO, SHA512])
@pytest.mark.parametrize("chunks", [[b"hello"], [b"he", b"", b"llo"], [b"h", b"e", b"l", b"l", b"o"]])
def test_verified_bytes_pass_unchanged(digest: Digest, chunks: list[bytes]) -> None:
    assert list(verified(chunks, digest, 5, "registry.test")) == chunks


@pytest.mark.parametrize("chunks", [[], [b"hell"], [b"hello", b"!"], [b"hello!"], [b"HELLO"]])
def test_other_bytes_are_refused(chunks: list[bytes]) -> None:
    with pytest.raises(ImageError, match=r"registry\.test answered") as refusal:
        list(verified(chunks, HELLO, 5, "registry.test"))
    assert refusal.value.code == "digest-mismatch"


@pytest.mark.parametrize("size", [0, 4, 6, 2**63 - 1])
def test_the_right_bytes_of_a_wrong_size_are_refused(size: int) -> None:
    with pytest.raises(ImageError):
        list(verified([b"hello"], HELLO, size, "registry.test"))


def test_endless_bytes_are_cut_at_the_first_one_too_many() -> None:
    given_out = 0

    def endless() -> Iterator[bytes]:
        nonlocal given_out
        while True:
            given_out += 1
            yield b"x"

    with pytest.raises(ImageError):
        list(verified(endless(), HELLO, 5, "registry.test"))
    assert given_out == 6
