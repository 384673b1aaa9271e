"""Contents by path: behind links of the layer's own, through hard links, and too much of them."""

import pytest

from rebaser.layers import bodies
from rebaser.layers.bodies import Body, members, read_bodies
from rebaser.layers.index import index_layer
from rebaser.layers.limits import UnreadableError
from rebaser.oci.digest import DiffId, digest_of
from tests.builders import FileInTar, a_tar, hard_link, symlink
from tests.layers.archives import END, entry, extended


def held(archive: bytes, *paths: str) -> dict[str, bytes]:
    wanted = members(index_layer([archive], DiffId(digest_of(archive))), paths)
    return {path: body.content for path, body in read_bodies([archive], wanted).items()}


def test_a_file_behind_a_link_of_the_layers_own_is_found_where_it_lies() -> None:
    archive = a_tar({"u/": "", "l": symlink("u"), "l/x": "content", "h": hard_link("l/x")})
    assert held(archive, "u/x", "h", "l/x") == {"u/x": b"content", "h": b"content"}


def test_a_hard_link_holds_what_it_joins_however_long_the_chain() -> None:
    files: dict[str, FileInTar] = {"0": "content"}
    files.update((str(at), hard_link(str(at - 1))) for at in range(1, 200))
    assert held(a_tar(files), "199") == {"199": b"content"}


def test_a_hard_link_does_not_hold_what_comes_later() -> None:
    assert held(a_tar({"h": hard_link("x"), "x": "later"}), "h", "x") == {"x": b"later"}
    assert held(a_tar({"h": hard_link("h"), "i": hard_link("j"), "j": hard_link("i")}), "h", "i", "j") == {}


def test_of_a_path_that_stands_twice_the_last_is_read() -> None:
    archive = entry(b"a", body=b"first") + entry(b"a", body=b"last") + END
    assert held(archive, "a") == {"a": b"last"}


def test_a_whiteout_is_no_file() -> None:
    archive = entry(b".wh.a", body=b"mark") + END
    assert read_bodies([archive], {"a": ".wh.a"}) == {}


def test_contents_at_the_limit_are_read_and_one_byte_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODIES", 4)
    assert held(entry(b"a", body=b"1234") + END, "a") == {"a": b"1234"}
    with pytest.raises(UnreadableError, match="more than 4 bytes"):
        held(entry(b"a", body=b"12345") + END, "a")


@pytest.mark.parametrize(
    ("archive", "seconds"),
    [
        (entry(b"a", at136=b"00000000017\0"), 15),
        (extended((b"mtime", b"17.25")) + entry(b"a"), 17),
        (extended((b"mtime", b"-17.25")) + entry(b"a"), 0),
        (entry(b"a", at136=b"\x80" + bytes(10) + b"\x11"), 17),
        (entry(b"a", at136=b"\xff" * 11 + b"\xef"), 0),
        (extended((b"mtime", b"9" * 18)) + entry(b"a"), 0o77777777777),
    ],
)
def test_when_a_file_was_changed(archive: bytes, seconds: int) -> None:
    assert read_bodies([archive + END], {"a": "a"}) == {"a": Body(b"", seconds)}
