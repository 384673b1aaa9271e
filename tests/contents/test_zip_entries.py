import io
import struct
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.contents.zip_entries import entries, first_bytes
from tests.contents.hostile import answer


def archive(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED, before: bytes = b"") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return before + written.getvalue()


def names(body: bytes) -> list[str]:
    return [entry.name for entry in entries(body)]


@given(
    st.dictionaries(
        st.text(st.characters(categories=["L"]), min_size=1, max_size=8), st.binary(max_size=300), max_size=5
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.sampled_from([b"", b"#!/bin/sh\nexec java -jar $0\n"]),
    st.integers(0, 400),
)
def test_what_was_put_in_comes_out(files: dict[str, bytes], compression: int, before: bytes, count: int) -> None:
    body = archive(files, compression, before)
    assert {entry.name: first_bytes(body, entry, count) for entry in entries(body)} == {
        name: content[:count] for name, content in files.items()
    }


def test_another_compression_is_named() -> None:
    body = archive({"a": b"a" * 100}, zipfile.ZIP_BZIP2)
    with pytest.raises(MalformedError, match="12"):
        first_bytes(body, next(entries(body)), 8)


@pytest.mark.parametrize("body", [b"", b"PK\5\6", b"PK\3\4" + bytes(100), b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_archive(body: bytes) -> None:
    with pytest.raises(MalformedError):
        names(body)


def test_a_directory_that_is_cut_or_overwritten_is_refused() -> None:
    body = archive({"a": b"1", "b": b"2"})
    second = body.rindex(b"PK\1\2")
    with pytest.raises(MalformedError, match="no entry of its directory"):
        names(body[:second] + b"XX\1\2" + body[second + 4 :])
    end = struct.pack("<4s8xLL2x", b"PK\5\6", 20, 0)
    with pytest.raises(MalformedError, match="cut off"):
        names(b"PK\1\2" + bytes(16) + end)


def test_an_entry_that_lies_elsewhere_is_refused() -> None:
    body = archive({"a": b"1"})
    at = body.index(b"PK\1\2") + 42
    for offset in (3, 2**31):
        moved = body[:at] + struct.pack("<L", offset) + body[at + 4 :]
        with pytest.raises(MalformedError):
            first_bytes(moved, next(entries(moved)), 8)


def test_what_cannot_be_inflated_is_refused() -> None:
    body = archive({"a": b"hello " * 50})
    broken = body.replace(body[31:36], b"\xff" * 5)
    with pytest.raises(MalformedError, match="inflated"):
        first_bytes(broken, next(entries(broken)), 8)


def test_a_bomb_costs_what_was_asked_for() -> None:
    body = archive({"bomb": bytes(200_000_000)})
    (entry,) = entries(body)
    begun = time.perf_counter()
    assert first_bytes(body, entry, 8) == bytes(8)
    assert time.perf_counter() - begun < 0.05


def test_too_many_entries_are_refused() -> None:
    one = struct.pack("<4s4xHH8xLLHHH8xL", b"PK\1\2", 0, 0, 0, 0, 0, 0, 0, 0)
    directory = one * 200_001
    with pytest.raises(MalformedError, match="more than 200000"):
        names(directory + struct.pack("<4s8xLL2x", b"PK\5\6", len(directory), 0))


whole = archive({"a": b"hello " * 9, "b.class": b"\xca\xfe"})


@given(
    st.binary(max_size=200)
    | st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)).map(
        lambda change: whole[: change[0]] + bytes([change[1]]) + whole[change[0] + 1 :]
    )
)
def test_any_bytes_have_an_answer_or_the_named_error(body: bytes) -> None:
    def read(raw: bytes) -> list[bytes]:
        return [first_bytes(raw, entry, 8) for entry in entries(raw)]

    assert isinstance(answer(read, body), list | str)
