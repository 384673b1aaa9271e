from tests.images.pairs.inventory import beyond_noise, differences
from tests.images.pairs.noise import NOISE, is_noise


def test_what_differs_is_told_with_where_it_is() -> None:
    rebased = {"/same": "1", "/changed": "1", "/hidden": "1"}
    rebuilt = {"/same": "1", "/changed": "2", "/missing": "1"}
    assert differences(rebased, rebuilt) == ["~/changed", "+/hidden", "-/missing"]


def test_noise_is_not_told() -> None:
    assert beyond_noise(["+/var/log/dpkg.log", "-/a/__pycache__/b.cpython-311.pyc", "~/etc/passwd"]) == ["~/etc/passwd"]


def test_what_a_program_reads_is_never_noise() -> None:
    for path in (
        "/usr/bin/sh",
        "/usr/lib/python3/dist-packages/six.py",
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/etc/passwd",
        "/etc/shadow",
        "/etc/ld.so.cache",
        "/var/lib/dpkg/status",
        "/var/lib/dpkg/info/less.list",
        "/var/lib/rpm/rpmdb.sqlite",
        "/lib/apk/db/installed",
    ):
        assert not is_noise(path), path


def test_every_noise_has_its_reason() -> None:
    assert all(NOISE.values())
