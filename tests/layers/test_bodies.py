import io
import tarfile

import pytest

from rebaser.layers import bodies
from rebaser.layers.bodies import Body, members, read_bodies
from rebaser.layers.index import index_layer
from rebaser.layers.limits import UnreadableError
from tests.builders import ALayer, FileInTar, a_layer, hard_link, symlink


def indexed(layer: ALayer, *paths: str) -> dict[str, str]:
    return members(index_layer([layer.content], layer.diff_id), paths)


def contents(layer: ALayer, *paths: str) -> dict[str, bytes]:
    found = read_bodies([layer.content], indexed(layer, *paths))
    return {path: body.content for path, body in found.items()}


def a_tar(*entries: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(b"x" * entry.size))
    return buffer.getvalue()


def test_only_what_is_wanted_is_read() -> None:
    assert contents(a_layer({"a": "1", "b": "2", "c/": ""}), "b", "c", "absent") == {"b": b"2"}


def test_a_hard_link_holds_what_it_joins_and_both_may_be_wanted() -> None:
    layer = a_layer({"a": "1", "b": hard_link("a"), "c": hard_link("b")})
    assert contents(layer, "a", "c") == {"a": b"1", "c": b"1"}


def test_hard_links_in_circles_to_nothing_or_to_a_link_hold_nothing() -> None:
    layer = a_layer(
        {"a": hard_link("b"), "b": hard_link("a"), "c": hard_link("absent"), "d": symlink("x"), "e": hard_link("d")}
    )
    assert contents(layer, "a", "b", "c", "d", "e") == {}


def test_a_chain_of_hard_links_is_followed_to_its_end() -> None:
    chain: dict[str, FileInTar] = {"f0": "1", **{f"f{n}": hard_link(f"f{n - 1}") for n in range(1, 60)}}
    assert contents(a_layer(chain), "f1", "f59") == {"f1": b"1", "f59": b"1"}


def test_of_a_path_that_stands_twice_the_last_counts_as_in_the_index() -> None:
    first, second = tarfile.TarInfo("a"), tarfile.TarInfo("./a")
    second.size = 3
    assert read_bodies([a_tar(first, second)], {"a": "a"}) == {"a": Body(b"xxx")}


def test_a_whiteout_or_a_link_at_the_path_is_no_content() -> None:
    link = tarfile.TarInfo("a")
    link.type, link.linkname = tarfile.SYMTYPE, "b"
    assert read_bodies([a_tar(link, tarfile.TarInfo(".wh.a"))], {"a": "a"}) == {}


def test_more_than_is_read_at_once_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODIES", 5)
    layer = a_layer({"a": "123", "b": "45", "c": "6"})
    assert contents(layer, "a", "b") == {"a": b"123", "b": b"45"}
    with pytest.raises(UnreadableError, match="more than 5 bytes"):
        contents(layer, "a", "b", "c")


def test_one_path_again_and_again_counts_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODIES", 5)
    twice = [tarfile.TarInfo("a"), tarfile.TarInfo("a")]
    for entry in twice:
        entry.size = 3
    with pytest.raises(UnreadableError, match="more than 5 bytes"):
        read_bodies([a_tar(*twice)], {"a": "a"})


@pytest.mark.parametrize("cut", [1, 600, 1100])
def test_a_layer_that_is_cut_short_is_unreadable(cut: int) -> None:
    entry = tarfile.TarInfo("a")
    entry.size = 2000
    with pytest.raises(UnreadableError):
        read_bodies([a_tar(entry)[:cut]], {"a": "a"})


@pytest.mark.parametrize("path", ["../a", "d/../../a"])
def test_a_path_that_goes_up_is_unreadable(path: str) -> None:
    with pytest.raises(UnreadableError):
        read_bodies([a_tar(tarfile.TarInfo(path))], {"a": "a"})


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("1234.999", 1234), ("-5", 0), ("9" * 15, 0o77777777777)],
)
def test_a_time_is_whole_seconds_that_a_header_can_hold_or_nothing(told: str, seconds: int) -> None:
    entry = tarfile.TarInfo("a")
    entry.pax_headers = {"mtime": told}
    assert read_bodies([a_tar(entry)], {"a": "a"})["a"].modified == seconds


@pytest.mark.parametrize("told", ["nan", "9" * 30, "1 2", "\u0661", "0x10"])
def test_a_time_that_some_readers_cannot_read_makes_the_layer_unreadable(told: str) -> None:
    entry = tarfile.TarInfo("a")
    entry.pax_headers = {"mtime": told}
    with pytest.raises(UnreadableError, match="'mtime'"):
        read_bodies([a_tar(entry)], {"a": "a"})
