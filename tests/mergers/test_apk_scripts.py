import gzip
import io
import tarfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.apk_scripts import merge_scripts
from rebaser.mergers.conflict import Conflict
from rebaser.mergers.stored_gzip import stored_gzip, unpacked
from rebaser.mergers.tar_members import members
from tests.mergers.laws import assert_laws

BASE64, HEX = "Q1Lh/p2YdpFByjjLNq7u8fD0w0Mno=", "X12e1fe9d98769141ca38cb36aeeef1f0f4c34327a"
OTHER = "X11a7a51feca5756671179a01eba4b57b4156b8a21"
SHELL, SHELL_FIXED = f"busybox-1.36-r5.{HEX}.post-install", f"busybox-1.36-r6.{OTHER}.post-install"
TRIGGER, ZLIB, CURL = (f"{name}.{OTHER}.trigger" for name in ("busybox-1.36-r6", "zlib-1-r0", "Curl-8.1_p1-r0"))


def scripts(*names: str, say: str = "true", time: int = 0) -> bytes:
    """An archive as apk writes it: GNU's headers, an end of two blocks."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as written:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(say), 0o755, time
            written.addfile(entry, io.BytesIO(say.encode()))
        size = written.offset
    return out.getvalue()[: size + 1024]


def merged(old: bytes, app: bytes, new: bytes) -> bytes:
    result = merge_scripts(old, app, new)
    assert isinstance(result, bytes)
    return result


def names(body: bytes) -> list[str]:
    return [member.name.decode() for member in members(body)]


def test_scripts_of_a_fix_and_of_the_application_s_packages_are_both_there() -> None:
    result = merged(scripts(SHELL), scripts(CURL, SHELL, ZLIB), scripts(SHELL_FIXED, TRIGGER))
    assert names(result) == [SHELL_FIXED, TRIGGER, CURL, ZLIB]


def test_scripts_that_apk_sorted_are_sorted() -> None:
    result = merged(scripts(SHELL), scripts(SHELL, CURL, ZLIB), scripts(SHELL_FIXED, TRIGGER))
    assert names(result) == [SHELL_FIXED, TRIGGER, CURL, ZLIB]
    result = merged(scripts(ZLIB), scripts(SHELL, ZLIB), scripts(ZLIB, CURL))
    assert names(result) == [SHELL, CURL, ZLIB]


def test_scripts_of_packages_that_one_side_removed_are_gone_and_those_of_none_stay() -> None:
    nobody = f"nobody-1-r0.{HEX}.trigger"
    result = merged(scripts(nobody, SHELL, ZLIB), scripts(nobody, SHELL, CURL), scripts(nobody, ZLIB))
    assert names(result) == [nobody, CURL]


def test_headers_and_scripts_are_copied_as_they_stand() -> None:
    app, new = scripts(ZLIB, say="of the application", time=7), scripts(TRIGGER, say="of the base", time=9)
    assert merged(b"", app, new) == new[:-1024] + app


def test_a_long_name_goes_with_its_script() -> None:
    long = f"{'package-' * 20}1-r0.{HEX}.trigger"
    result = merged(scripts(SHELL), scripts(SHELL, long), scripts(SHELL_FIXED))
    with tarfile.open(fileobj=io.BytesIO(result)) as read:
        assert read.getnames() == [SHELL_FIXED, long]


def test_names_in_base64_and_in_hexadecimal_are_one_script() -> None:
    apko = f"busybox-1.36-r5.{BASE64}.post-install"
    assert names(merged(scripts(apko), scripts(SHELL, ZLIB), scripts(apko, CURL))) == [SHELL, CURL, ZLIB]
    assert names(merged(scripts(SHELL), scripts(apko, ZLIB), scripts(TRIGGER))) == [TRIGGER, ZLIB]


def test_another_time_or_header_is_no_change() -> None:
    old, app, new = scripts(SHELL), scripts(SHELL, ZLIB, time=5), scripts(SHELL, CURL, time=9)
    result = merged(old, app, new)
    with tarfile.open(fileobj=io.BytesIO(result)) as read:
        assert [(entry.name, entry.mtime) for entry in read] == [(SHELL, 9), (CURL, 9), (ZLIB, 5)]


def test_the_result_is_packed_as_the_new_base_s_is() -> None:
    old, app, new = scripts(SHELL), scripts(SHELL, ZLIB), scripts(SHELL_FIXED)
    plain = scripts(SHELL_FIXED, ZLIB)
    assert merged(old, app, new) == merged(old, gzip.compress(app), new) == plain
    assert merged(old, app, gzip.compress(new)) == merged(gzip.compress(old), app, gzip.compress(new))
    assert merged(old, app, gzip.compress(new)) == stored_gzip(plain)
    assert merged(gzip.compress(old), gzip.compress(app), b"") == stored_gzip(scripts(ZLIB))


def test_an_archive_that_needs_nothing_is_the_new_base_s_byte_for_byte() -> None:
    app, new = scripts(SHELL, time=5), gzip.compress(scripts(SHELL, ZLIB, time=9), mtime=3)
    assert merged(scripts(SHELL), app, new) == new
    assert merged(scripts(SHELL, CURL), scripts(SHELL), scripts(SHELL) + bytes(9216)) == scripts(SHELL) + bytes(9216)


def test_the_last_of_two_scripts_of_one_name_is_the_one() -> None:
    twice = scripts(SHELL, say="one")[:-1024] + scripts(SHELL, say="two")
    result = merged(twice, scripts(SHELL, ZLIB, say="two"), twice + bytes(512))
    assert [member.content for member in members(result)] == [b"two", b"two"]


def test_a_script_that_both_changed_is_for_a_person() -> None:
    result = merge_scripts(scripts(SHELL), scripts(SHELL, say="a"), scripts(SHELL, say="b"))
    assert result == Conflict((SHELL,))
    result = merge_scripts(b"", scripts("foreign", say="a"), scripts("foreign", say="b"))
    assert result == Conflict(("foreign",))


def test_an_archive_that_the_application_removed_stays_away() -> None:
    assert merged(scripts(SHELL), b"", scripts(SHELL_FIXED)) == b""


@pytest.mark.parametrize(
    "app",
    [
        scripts(SHELL)[:700],
        b"x",
        gzip.compress(scripts(SHELL))[:-9],
        gzip.compress(b"no archive", mtime=0),
        b"\x1f\x8b",
    ],
)
def test_damage_is_malformed_but_where_only_one_side_changed(app: bytes) -> None:
    old, new = scripts(SHELL), scripts(SHELL_FIXED)
    assert merged(old, app, old) == app
    with pytest.raises(MalformedError):
        merge_scripts(old, app, new)
    with pytest.raises(MalformedError):
        merge_scripts(old, new, app)


def test_a_bomb_is_malformed() -> None:
    bomb = gzip.compress(scripts(SHELL) + bytes(65 << 20), 1)
    with pytest.raises(MalformedError, match="more than 67108864 bytes"):
        merge_scripts(scripts(SHELL), bomb, scripts(SHELL_FIXED))


def test_names_that_are_almost_scripts_are_told_apart_at_once() -> None:
    foreign = ["-".join("1" * 2000), "." * 3000, f".{HEX}.trigger", f"a.{HEX}.", f"a-r1.{HEX}.x", "X1.X1", "Q1é.Q1.a"]
    assert len(names(merged(b"", scripts(*foreign), scripts(*foreign, SHELL)))) == 8


PACKINGS: tuple[Callable[[bytes], bytes], ...] = (bytes, gzip.compress, stored_gzip, lambda _: b"")
members_of_any = st.lists(st.sampled_from([SHELL, SHELL_FIXED, TRIGGER, ZLIB, "x"]), unique=True)
archives = st.tuples(members_of_any, st.sampled_from(["a", "b"]), st.sampled_from(PACKINGS)).map(
    lambda drawn: drawn[2](scripts(*drawn[0], say=drawn[1]))
)


@given(archives, archives, archives)
def test_laws(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_scripts, old, app, new)


def test_unpacking_what_was_merged_is_what_was_merged_unpacked() -> None:
    old, app, new = scripts(SHELL), scripts(SHELL, ZLIB), scripts(SHELL_FIXED)
    assert unpacked(merged(*map(gzip.compress, (old, app, new)))) == merged(old, app, new)
