import io
import tarfile

import pytest

from tests.images.pairs.inventory import Inventory, beyond_noise, differences, read_inventory
from tests.images.pairs.noise import NOISE, is_noise


def test_what_differs_is_told_with_where_it_is() -> None:
    rebased = {"/same": "1", "/changed": "1", "/hidden": "1"}
    rebuilt = {"/same": "1", "/changed": "2", "/missing": "1"}
    assert differences(rebased, rebuilt) == ["~/changed", "+/hidden", "-/missing"]


def test_noise_is_not_told() -> None:
    assert beyond_noise(["+/var/log/dpkg.log", "-/var/cache/ldconfig/aux-cache", "~/etc/passwd"]) == ["~/etc/passwd"]


@pytest.mark.parametrize(
    "protected",
    ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/var/lib/dpkg", "/var/lib/apt", "/var/lib/rpm"],
)
def test_no_noise_can_lie_below_what_programs_read(protected: str) -> None:
    assert not [path for path in NOISE if path == protected or path.startswith(f"{protected}/")]


def test_every_noise_is_one_path() -> None:
    assert not [path for path in NOISE if set(path) & set("*?[")]


@pytest.mark.parametrize(
    "path",
    [
        "/usr/bin/sh",
        "/usr/lib/python3/dist-packages/__pycache__/six.cpython-311.pyc",
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/etc/passwd",
        "/etc/passwd-",
        "/etc/shadow",
        "/etc/ld.so.cache",
        "/var/lib/dpkg/status",
        "/var/lib/dpkg/status-old",
        "/var/lib/dpkg/info/less.list",
        "/var/lib/rpm/rpmdb.sqlite",
        "/lib/apk/db/installed",
    ],
)
def test_what_a_program_reads_is_never_noise(path: str) -> None:
    assert not is_noise(path)


def test_every_noise_has_its_reason() -> None:
    assert all(NOISE.values())


def compiled(flags: int, time: int, code: bytes = b"code", name: str = "usr/lib/a.pyc") -> Inventory:
    """A system of one compiled file, as a 3.11 would write it."""
    content = b"\xa7\r\r\n" + b"".join(number.to_bytes(4, "little") for number in (flags, time, 100)) + code
    buffer, member = io.BytesIO(), tarfile.TarInfo(name)
    member.size = len(content)
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(member, io.BytesIO(content))
    with tarfile.open(fileobj=io.BytesIO(buffer.getvalue()), mode="r|") as archive:
        return read_inventory(archive)


def test_what_python_compiled_at_another_time_is_the_same() -> None:
    assert compiled(0, 1700000000) == compiled(0, 1800000000)


def test_what_python_compiled_of_another_source_is_not() -> None:
    assert compiled(0, 1700000000) != compiled(0, 1700000000, b"other")


def test_a_compiled_file_that_is_held_against_a_digest_has_no_time_in_it() -> None:
    assert compiled(1, 1700000000) != compiled(1, 1800000000)


def test_only_compiled_files_are_compared_without_a_time() -> None:
    assert compiled(0, 1700000000, name="usr/lib/a.bin") != compiled(0, 1800000000, name="usr/lib/a.bin")
