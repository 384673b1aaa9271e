from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.layers.entry import Broken, Bundle, Classes, Entry, Imports, Kind
from rebaser.layers.index import Depth, LayerIndex, index_layer
from rebaser.layers.stored import decode, encode
from rebaser.oci.digest import parse_diff_id
from tests.builders import AFile, a_layer, hard_link, symlink
from tests.contents.elves import an_elf

DIFF_ID = parse_diff_id("sha256:" + "1" * 64)
LAYER = a_layer(
    {
        "etc/": "",
        "etc/passwd": "root:x:0:0::/:/bin/sh\n",
        "etc/os-release": "ID=x\n",
        "bin/run": AFile("#!/bin/sh\n", 0o755, 7, 8, {"security.capability": "abc"}),
        "bin/again": hard_link("bin/run"),
        "bin/link": symlink("run"),
        "lib/liba.so.1": an_elf(soname="liba.so.1", defined=["a", "b"], needed=["libc.so.6"], kernel=(3, 2, 0)),
        "lib/libv.so.1": an_elf(soname="libv.so.1", provided=["V_1"], required={"libc.so.6": ["GLIBC_2.34"]}),
        "lib/broken.so": b"\x7fELF broken",
        "app/x.py": "import os\n",
        "gone/.wh.x": "",
        "hidden/": "",
        "hidden/.wh..wh..opq": "",
    }
)
INDEX = index_layer([LAYER.content], LAYER.diff_id)


def test_an_index_reads_back_as_it_was() -> None:
    assert decode(encode(INDEX), LAYER.diff_id) == INDEX


PAIRS = st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=3).map(tuple)
entries = st.builds(
    Entry,
    st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=40),
    st.sampled_from(Kind),
    st.integers(0, 0o7777),
    st.integers(0, 2**32),
    st.integers(0, 2**32),
    st.integers(0, 2**40),
    st.text(max_size=20),
    st.tuples(st.integers(0, 300), st.integers(0, 300)),
    st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=9)), max_size=2).map(tuple),
    st.just(b""),
    st.none() | st.binary(max_size=30),
    st.none()
    | st.builds(Broken, st.text(max_size=9))
    | st.builds(Classes, st.integers(45, 70))
    | st.builds(Imports, st.lists(st.text(max_size=9), max_size=3).map(tuple))
    | st.builds(Bundle, PAIRS, PAIRS),
).map(lambda entry: entry._replace(content=b"123456") if entry.kind is Kind.FILE else entry)


@given(st.lists(entries, max_size=5), st.lists(st.text(max_size=9), max_size=3))
def test_any_index_reads_back_as_it_was(listed: list[Entry], paths: list[str]) -> None:
    index = LayerIndex(DIFF_ID, tuple(listed), tuple(paths), tuple(paths), (), 7)
    assert decode(encode(index), DIFF_ID) == index


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=5))
def test_damaged_bytes_are_no_index(at: int, wrong: bytes) -> None:
    stored = encode(INDEX)
    damaged = stored[:at] + wrong + stored[at + len(wrong) :]
    if damaged != stored:
        with pytest.raises(ValueError, match="index"):
            decode(damaged, LAYER.diff_id)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_no_index(content: bytes) -> None:
    with pytest.raises(ValueError, match="index"):
        decode(content, DIFF_ID)


def test_an_index_of_another_layer_is_not_taken() -> None:
    with pytest.raises(ValueError, match="another layer"):
        decode(encode(INDEX), DIFF_ID)


def test_names_of_symbols_are_kept_for_applications_alone() -> None:
    layer = a_layer({"app/run": an_elf(undefined=["wanted"], text=b"\0libz.so.1\0")})
    base, own = (index_layer([layer.content], layer.diff_id, depth) for depth in (Depth.BASE, Depth.APPLICATION))
    assert [(one.facts.undefined, one.facts.loads) for one in (*base.entries, *own.entries)] == [  # type: ignore[union-attr]
        ((), ()),
        (("wanted",), ("libz.so.1",)),
    ]


def test_a_path_that_is_not_utf_8_reads_back() -> None:
    entry = Entry("caf\udce9", Kind.DIRECTORY)
    index = replace(INDEX, entries=(entry,))
    assert decode(encode(index), LAYER.diff_id).entries == (entry,)
