"""Every limit, at it and one above."""

import gzip
from dataclasses import replace

import pytest

from rebaser.layers.compression import decompressed
from rebaser.layers.entry import clean_path
from rebaser.layers.index import index_layer
from rebaser.layers.limits import DEFAULT, Limits, UnreadableError
from rebaser.oci.digest import DiffId, digest_of
from tests.layers.archives import entry, extended, read, record


def index(archive: bytes, limits: Limits) -> int:
    """How many entries a layer has."""
    return len(index_layer([archive], DiffId(digest_of(archive)), limits=limits).entries)


def named(path: bytes) -> bytes:
    return extended((b"path", path)) + entry(b"x")


LONGEST = "/".join(["n" * 255] * 16)  # 4095 bytes


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ("n" * 255, "n" * 256),
        ("é" * 127, "é" * 128),
        (LONGEST, LONGEST.replace("n", "m/", 1) + "n"),
        ("/".join("d" * 256), "/".join("d" * 257)),
    ],
)
def test_a_name_as_long_or_deep_as_is_read_and_one_more(within: str, beyond: str) -> None:
    assert clean_path(within, DEFAULT) == within
    with pytest.raises(UnreadableError, match="longer or deeper"):
        clean_path(beyond, DEFAULT)


@pytest.mark.parametrize(
    ("name", "limit", "archive"),
    [
        ("entries", 2, entry(b"a") + entry(b"b")),
        ("link", 10, extended((b"linkpath", b"t" * 10)) + entry(b"a", b"2")),
        ("pax", 13, entry(b"pax", b"x", b"13 comment=a\n") + entry(b"a")),
        ("record", 10, entry(b"pax", b"x", b"13 comment=a\n") + entry(b"a")),
        ("names", 9, entry(b"a", b"2", at157=b"link") + extended((b"SCHILY.xattr.u", b"v")) + entry(b"bc")),
        ("path", 104, named(b"/".join([b"n" * 20] * 5))),
        ("implied", 10, named(b"abc/def/x") + named(b"h/x")),
        ("holes", 10, extended(*((b"GNU.sparse." + k, v) for k, v in
            ((b"size", b"10"), (b"numblocks", b"1"), (b"map", b"10,0")))) + entry(b"a")),
    ],
)  # fmt: skip
def test_a_layer_at_a_limit_is_read_and_one_above_is_unreadable(name: str, limit: int, archive: bytes) -> None:
    small = replace(DEFAULT, component=20)
    assert index(archive, replace(small, **{name: limit})) > 0
    with pytest.raises(UnreadableError):
        index(archive, replace(small, **{name: limit - 1}))


def test_bytes_that_come_out_at_the_limit_and_one_more() -> None:
    blob = gzip.compress(bytes(3000))
    assert len(b"".join(decompressed([blob], Limits(uncompressed=3000)))) == 3000
    with pytest.raises(UnreadableError, match="more than 2999 bytes"):
        b"".join(decompressed([blob], Limits(uncompressed=2999)))


def test_the_ratio_of_what_comes_out_at_the_limit_and_above() -> None:
    blob = gzip.compress(bytes(100_000))
    limits = Limits(ratio=-(-100_000 // len(blob)), ratio_from=1000)
    assert len(b"".join(decompressed([blob], limits))) == 100_000
    with pytest.raises(UnreadableError, match="times its size"):
        b"".join(decompressed([blob], replace(limits, ratio=limits.ratio - 1)))


def test_an_extended_header_of_many_small_records_is_read_in_one_pass() -> None:
    body = b"".join(record(b"k%d" % at, b"v") for at in range(70_000))
    assert len(body) < DEFAULT.pax
    assert read(entry(b"pax", b"x", body) + entry(b"a")) == [("a", "0", b"")]
