import platform
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rebaser.contents.ld_so import CacheEntry, CacheHeader, read_ld_so_cache, read_ld_so_cache_header
from rebaser.contents.malformed import MalformedError
from rebaser.mergers import ld_so_cache
from rebaser.mergers.ld_so_cache import merge_ld_so_cache, without
from tests.contents.elves import an_elf
from tests.contents.hostile import seconds
from tests.mergers.laws import assert_laws

LIBC6, EXTENDED = 0x303, 1 << 62
NEW = CacheHeader(2, b"ldconfig", ())
ANCIENT = CacheHeader(0, None, ())

Ldconfig: TypeAlias = Callable[..., bytes]


def a_cache(*paths: str, header: CacheHeader = NEW, os_version: int = 0) -> bytes:
    """A cache of these, by paths; a subdirectory of glibc-hwcaps is known by its path."""
    listed = []
    for path in paths:
        within = re.search(r"/glibc-hwcaps/([^/]+)/", path)
        entry = CacheEntry(path.rpartition("/")[2], path, LIBC6, os_version, EXTENDED if within else 0)
        listed.append(ld_so_cache._Library(entry, within[1] if within else ""))
    return ld_so_cache._written(header, ld_so_cache._sorted(listed))


def paths(cache: bytes) -> list[str]:
    return [entry.path for entry in read_ld_so_cache(cache)]


@pytest.fixture
def ldconfig(tmp_path: Path) -> Ldconfig:
    """Runs the real one on directories below `tmp_path`, and returns the cache that it writes."""
    if shutil.which("ldconfig") is None or platform.machine() != "x86_64":
        pytest.skip("there is no ldconfig here that knows the libraries that are made here")

    def run(*directories: str, layout: str = "new") -> bytes:
        conf, cache = tmp_path / "conf", tmp_path / "cache"
        conf.write_text("".join(f"{tmp_path / directory}\n" for directory in directories))
        subprocess.run(("ldconfig", "-X", "-c", layout, "-f", conf, "-C", cache), check=True)
        return cache.read_bytes()

    return run


def printed(cache: bytes, tmp_path: Path) -> list[str]:
    (tmp_path / "printed").write_bytes(cache)
    told = subprocess.run(("ldconfig", "-p", "-C", tmp_path / "printed"), capture_output=True, text=True, check=True)
    return told.stdout.splitlines()[1:]


def some_libraries(place: Path, *names: str) -> None:
    for name in names:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(an_elf(soname=path.name))


def test_the_merged_cache_is_byte_for_byte_what_ldconfig_writes_of_both(ldconfig: Ldconfig, tmp_path: Path) -> None:
    some_libraries(tmp_path, "app/libssl.so.3", "app/liba10.so", "app/liba9.so", "app/lib-20240131120000.so.1")
    some_libraries(tmp_path, "app/glibc-hwcaps/x86-64-v3/libssl.so.3", "new/glibc-hwcaps/x86-64-v2/libssl.so.3")
    some_libraries(tmp_path, "old/libcrypto.so.3", "new/libcrypto.so.3", "new/libz.so.1", "gone/libgone.so.1")
    old = ldconfig("old", "gone")
    app, new = ldconfig("app", "old", "gone"), ldconfig("new", "old")
    assert merge_ld_so_cache(old, app, new) == ldconfig("app", "new", "old")
    assert read_ld_so_cache_header(app).subdirectories == ("x86-64-v3",)


def test_what_the_application_removed_is_not_in_the_cache(ldconfig: Ldconfig, tmp_path: Path) -> None:
    some_libraries(tmp_path, "old/liba.so.1", "unwanted/libb.so.1", "new/libc.so.9")
    merged = merge_ld_so_cache(ldconfig("old", "unwanted"), ldconfig("old"), ldconfig("new", "old", "unwanted"))
    assert merged == ldconfig("new", "old")


def test_a_base_that_writes_both_layouts_gets_the_one_that_its_loader_reads(ldconfig: Ldconfig, tmp_path: Path) -> None:
    some_libraries(tmp_path, "old/liba.so.1", "app/libb.so.1", "new/libc.so.9", "new/libc.so.10")
    old, app = (ldconfig(*where, layout="compat") for where in (("old",), ("app", "old")))
    merged = merge_ld_so_cache(old, app, ldconfig("new", "old", layout="compat"))
    union = ldconfig("app", "new", "old", layout="compat")
    assert merged.startswith(b"glibc-ld.so.cache1.1")
    assert printed(merged, tmp_path) == printed(union, tmp_path)


def test_the_real_loader_finds_in_a_merged_cache_what_the_application_added(ldconfig: Ldconfig, tmp_path: Path) -> None:
    loader = Path("/lib64/ld-linux-x86-64.so.2")
    libc = next((Path(path) for path in paths(ldconfig()) if path.endswith("/libc.so.6")), None)
    if libc is None or b"/etc/ld.so.cache\0" not in loader.read_bytes():
        pytest.skip("there is no such loader here")
    own = tmp_path / "loader"
    own.write_bytes(loader.read_bytes().replace(b"/etc/ld.so.cache\0", b"./././././merged\0"))
    own.chmod(0o755)
    (tmp_path / "app").mkdir()
    shutil.copy(libc, tmp_path / "app")
    some_libraries(tmp_path, "new/libnew.so.1")
    (tmp_path / "merged").write_bytes(merge_ld_so_cache(ldconfig(), ldconfig("app"), ldconfig("new")))
    listed = subprocess.run((own, "--list", "/bin/true"), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"libc.so.6 => {tmp_path}/app/libc.so.6 " in listed.stdout


def test_this_machine_s_cache_written_anew_is_the_same(ldconfig: Ldconfig) -> None:
    cache = ldconfig()
    libraries = list(ld_so_cache._libraries(cache).values())
    assert ld_so_cache._written(read_ld_so_cache_header(cache), libraries) == cache
    assert ld_so_cache._sorted(reversed(libraries)) == libraries


def test_libraries_that_are_gone_are_not_listed_any_more(ldconfig: Ldconfig, tmp_path: Path) -> None:
    some_libraries(tmp_path, "a/liba.so.1", "a/glibc-hwcaps/x86-64-v2/libb.so.1", "b/libc.so.9")
    cache = ldconfig("a", "b")
    assert without(cache, lambda path: f"{tmp_path}/a" not in path) == ldconfig("b")
    assert without(cache, lambda _: True) is cache
    assert without(b"", lambda _: False) == b""


def test_one_name_in_two_directories_is_found_where_the_application_s_cache_has_it_first() -> None:
    old, new = a_cache("/usr/lib/libz.so.1"), a_cache("/usr/lib/libz.so.1", "/lib/libnew.so")
    before, behind = a_cache("/opt/libz.so.1", "/usr/lib/libz.so.1"), a_cache("/usr/lib/libz.so.1", "/opt/libz.so.1")
    assert paths(merge_ld_so_cache(old, before, new)) == ["/opt/libz.so.1", "/usr/lib/libz.so.1", "/lib/libnew.so"]
    assert paths(merge_ld_so_cache(old, behind, new)) == ["/usr/lib/libz.so.1", "/opt/libz.so.1", "/lib/libnew.so"]


def test_where_no_cache_tells_which_comes_first_the_directories_of_the_system_come_last() -> None:
    old = a_cache("/lib/libc.so.6")
    one, other = a_cache("/lib/libc.so.6", "/opt/libz.so.1"), a_cache("/lib/libc.so.6", "/usr/lib64/libz.so.1")
    assert paths(merge_ld_so_cache(old, one, other))[:2] == ["/opt/libz.so.1", "/usr/lib64/libz.so.1"]
    assert paths(merge_ld_so_cache(old, other, one))[:2] == ["/opt/libz.so.1", "/usr/lib64/libz.so.1"]


def test_a_library_that_the_application_replaced_needs_the_kernel_that_its_own_needs() -> None:
    old, app, new = (a_cache("/lib/libc.so.6", *more, os_version=kernel) for more, kernel in CHANGED)
    (entry,) = (one for one in read_ld_so_cache(merge_ld_so_cache(old, app, new)) if one.path == "/lib/libc.so.6")
    assert entry.os_version == 0x030A00


CHANGED: list[tuple[list[str], int]] = [([], 0x030200), ([], 0x030A00), (["/lib/libnew.so"], 0x040000)]


def test_a_loader_that_knows_no_subdirectories_for_processors_gets_none() -> None:
    old, new = a_cache("/lib/liba.so", header=ANCIENT), a_cache("/lib/liba.so", "/lib/libb.so", header=ANCIENT)
    app = a_cache("/lib/liba.so", "/opt/libc.so", "/opt/glibc-hwcaps/x86-64-v3/libc.so")
    merged = merge_ld_so_cache(old, app, new)
    assert paths(merged) == ["/opt/libc.so", "/lib/libb.so", "/lib/liba.so"]
    assert read_ld_so_cache_header(merged) == ANCIENT


def test_a_big_machine_s_cache_is_written_with_its_bytes_in_its_order() -> None:
    big = CacheHeader(3, b"ldconfig", ())
    old, app, new = (a_cache(*listed, header=big) for listed in (["/a"], ["/a", "/glibc-hwcaps/z14/b"], ["/a", "/c"]))
    merged = merge_ld_so_cache(old, app, new)
    assert paths(merged) == ["/c", "/glibc-hwcaps/z14/b", "/a"]
    assert read_ld_so_cache_header(merged) == CacheHeader(3, b"ldconfig", ("z14",))


def test_a_cache_that_one_side_has_not() -> None:
    old, app, new = a_cache("/a"), a_cache("/a", "/b"), a_cache("/a", "/c")
    assert merge_ld_so_cache(old, b"", new) == b""
    assert merge_ld_so_cache(old, app, b"") == a_cache("/b")
    assert merge_ld_so_cache(old, a_cache(), b"") == b""
    assert merge_ld_so_cache(b"", app, new) == a_cache("/a", "/b", "/c")


def test_a_processor_that_has_no_name_is_malformed() -> None:
    bad = a_cache("/glibc-hwcaps/v2/a").replace(struct.pack("<Q", EXTENDED), struct.pack("<Q", EXTENDED + 1))
    with pytest.raises(MalformedError):
        merge_ld_so_cache(b"", a_cache("/b"), bad)


def test_one_long_name_over_and_over_takes_no_time() -> None:
    row = struct.pack("<iIIIQ", LIBC6, 48 + 24 * 100_000, 48 + 24 * 100_000, 0, 0)
    body = b"glibc-ld.so.cache1.1" + struct.pack("<II20x", 100_000, 4096) + row * 100_000 + b"1a" * 2047 + b"\0"
    assert seconds(lambda body: merge_ld_so_cache(b"", a_cache("/b"), body), body) < 5


LISTED = ["/a", "/b", "/opt/b", "/lib/b", "/c9", "/c10", *(f"/glibc-hwcaps/{at}" for at in ("v2/b", "v3/b", "v3/c"))]
CACHES = st.one_of(
    st.builds(
        lambda listed, kernel, header: a_cache(*listed, header=header, os_version=kernel),
        st.lists(st.sampled_from(LISTED), unique=True),
        st.integers(0, 2),
        st.sampled_from([NEW, ANCIENT]),
    ),
    st.just(b""),
)


@given(CACHES, CACHES, CACHES)
@settings(max_examples=300)
def test_the_laws_hold_and_libraries_are_a_set(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_ld_so_cache, old, app, new)
    if app and new and read_ld_so_cache_header(new).generator is not None:
        before, ours, theirs = (set(paths(body)) if body else set() for body in (old, app, new))
        merged = set(paths(merge_ld_so_cache(old, app, new)))
        assert (theirs - (before - ours)) | (ours - before) <= merged <= theirs | ours


@given(st.integers(0, 300), st.binary(min_size=1, max_size=8), CACHES)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_cache_is_merged_or_malformed(at: int, wrong: bytes, cache: bytes) -> None:
    bad = cache[:at] + wrong + cache[at + len(wrong) :]
    with suppress(MalformedError):
        merged = merge_ld_so_cache(a_cache("/old"), bad, a_cache("/b", "/glibc-hwcaps/v2/c"))
        assert without(merged, lambda _: True) == merged
