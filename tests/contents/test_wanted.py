import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.wanted import (
    DIRECTORIES,
    EXACT,
    KIB,
    MIB,
    NAMES,
    SUFFIXES,
    body_wanted,
    jar_wanted,
    script_wanted,
)

LISTED = [
    ("etc/passwd", MIB),
    ("etc/group", MIB),
    ("etc/shadow", MIB),
    ("etc/gshadow", MIB),
    ("etc/subuid", MIB),
    ("etc/subgid", MIB),
    ("var/lib/dpkg/status", 64 * MIB),
    ("var/lib/dpkg/diversions", MIB),
    ("var/lib/dpkg/statoverride", MIB),
    ("var/lib/dpkg/arch", 4 * KIB),
    ("var/lib/dpkg/status.d/base", 16 * MIB),
    ("var/lib/dpkg/status.d/libssl3.md5sums", 16 * MIB),
    ("var/lib/dpkg/alternatives/awk", MIB),
    ("var/lib/dpkg/alternatives/vi.1", MIB),
    ("var/lib/alternatives/java", MIB),
    ("var/lib/apt/extended_states", 4 * MIB),
    ("etc/apt/sources.list", MIB),
    ("etc/apt/sources.list.d/debian.sources", MIB),
    ("etc/apt/sources.list.d/old.list", MIB),
    ("etc/yum.repos.d/ubi.repo", MIB),
    ("etc/zypp/repos.d/oss.repo", MIB),
    ("lib/apk/db/installed", 64 * MIB),
    ("lib/apk/db/scripts.tar", 64 * MIB),
    ("usr/lib/apk/db/installed", 64 * MIB),
    ("etc/apk/world", MIB),
    ("etc/apk/arch", 4 * KIB),
    ("etc/apk/repositories", MIB),
    *(
        (f"{home}/{name}", 256 * MIB)
        for home in ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
        for name in ("Packages", "Packages.db", "Index.db", "rpmdb.sqlite", "rpmdb.sqlite-wal")
    ),
    ("etc/os-release", 64 * KIB),
    ("usr/lib/os-release", 64 * KIB),
    ("etc/debian_version", 4 * KIB),
    ("etc/alpine-release", 4 * KIB),
    ("etc/ld.so.conf", MIB),
    ("etc/ld.so.conf.d/x86_64-linux-gnu.conf", MIB),
    ("etc/ld.so.cache", 16 * MIB),
    ("etc/ld.so.preload", 64 * KIB),
    ("etc/ld-musl-x86_64.path", 64 * KIB),
    ("etc/ssl/certs/ca-certificates.crt", 16 * MIB),
    ("etc/ssl/certs/ca-bundle.crt", 16 * MIB),
    ("etc/ssl/certs/java/cacerts", 4 * MIB),
    ("opt/java/openjdk/lib/security/cacerts", 4 * MIB),
    ("etc/ssl/ca-bundle.pem", 16 * MIB),
    ("etc/ssl/cert.pem", 16 * MIB),
    ("etc/pki/tls/certs/ca-bundle.crt", 16 * MIB),
    ("etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", 16 * MIB),
    ("var/lib/ca-certificates/ca-bundle.pem", 16 * MIB),
    ("etc/ca-certificates.conf", MIB),
    ("etc/nsswitch.conf", 64 * KIB),
    ("usr/etc/nsswitch.conf", 64 * KIB),
    ("etc/pam.d/common-auth", 64 * KIB),
    ("usr/lib/pam.d/login", 64 * KIB),
    ("etc/shells", 64 * KIB),
    ("etc/environment", 64 * KIB),
    ("etc/login.defs", 64 * KIB),
    ("etc/default/useradd", 64 * KIB),
    ("etc/adduser.conf", 64 * KIB),
    ("etc/timezone", 4 * KIB),
    ("etc/locale.conf", 64 * KIB),
    ("etc/default/locale", 64 * KIB),
    ("etc/ssl/openssl.cnf", MIB),
    ("usr/local/ssl/openssl.cnf", MIB),
    ("etc/pki/tls/openssl.d/own.cnf", MIB),
    ("etc/ssl/openssl.cnf.d/own", MIB),
    ("etc/crypto-policies/config", 4 * KIB),
    ("etc/crypto-policies/back-ends/opensslcnf.config", MIB),
    ("opt/venv/pyvenv.cfg", 16 * KIB),
    ("usr/lib/python3.11/site-packages/idna-3.7.dist-info/METADATA", 64 * KIB),
    ("usr/lib/python3.11/site-packages/idna-3.7.dist-info/WHEEL", 64 * KIB),
    ("app/__pycache__/main.cpython-311.pyc", 16),
    ("usr/local/include/node/node_version.h", 64 * KIB),
    ("app/package.json", 64 * KIB),
    ("package.json", 64 * KIB),
    ("opt/java/openjdk/release", 64 * KIB),
    ("opt/java/openjdk/lib/server/classes.jsa", 4 * KIB),
    ("app/WEB-INF/classes/Main.class", 8),
    ("app/shop.runtimeconfig.json", MIB),
    ("usr/local/etc/php/conf.d/docker-php-ext-gd.ini", 256 * KIB),
    ("etc/php/8.2/mods-available/gd.ini", 256 * KIB),
    ("etc/php82/php.ini", 256 * KIB),
    ("etc/php.d/20-gd.ini", 256 * KIB),
]

NOT_LISTED = [
    "",
    "/",
    "etc",
    "etc/passwd-",
    "app/etc/passwd",
    "etc/passwd/x",
    "var/lib/dpkg/info/bash.postinst",
    "var/lib/dpkg/info/bash.md5sums",
    "var/lib/dpkg/status-old",
    "var/lib/dpkg/status.d/x/y",
    "etc/apt/sources.list.d/old.list.save",
    "usr/local/share/ca-certificates/README",
    "home/me/own.crt",
    "home/me/key.pem",
    "app/METADATA",
    "app/settings.ini",
    "app/data.json",
    "app/node_modules/left-pad/package.json",
    "usr/lib/x86_64-linux-gnu/libc.so.6",
    "usr/share/doc/bash/copyright",
]


@pytest.mark.parametrize(("path", "limit"), LISTED)
def test_listed_files_are_kept(path: str, limit: int) -> None:
    assert body_wanted(path) == limit


@pytest.mark.parametrize("path", NOT_LISTED)
def test_other_files_are_not(path: str) -> None:
    assert body_wanted(path) == 0


def test_every_pattern_has_an_example() -> None:
    examples = [path for path, _ in LISTED]
    parents = {(path.rpartition("/")[0], Path(path).suffix.lstrip(".")) for path in examples}
    assert EXACT.keys() <= set(examples)
    for directory, endings in DIRECTORIES.items():
        for ending in endings:
            assert any(d == directory and (not ending or s == ending) for d, s in parents), (directory, ending)
    assert NAMES.keys() <= {path.rpartition("/")[2] for path in examples}
    for ending, (_, prefixes) in SUFFIXES.items():
        for prefix in prefixes:
            assert any(path.startswith(prefix) and path.endswith("." + ending) for path in examples)


def test_no_pattern_hides_another() -> None:
    """A directory decides alone, so no name, and no ending listed elsewhere, may be wanted in it as well."""
    for directory, endings in DIRECTORIES.items():
        for path in EXACT:
            assert path.rpartition("/")[0] != directory or body_wanted(path) == EXACT[path]
        for ending, (_, prefixes) in SUFFIXES.items():
            assert "" in prefixes or "" in endings or not f"{directory}/x.{ending}".startswith(prefixes)


@pytest.mark.parametrize(
    ("mode", "first", "limit"),
    [
        (0o755, b"#!/bin/sh\n", 64 * KIB),
        (0o100, b"#!", 64 * KIB),
        (0o644, b"#!/bin/sh\n", 0),
        (0o755, b"\x7fELF", 0),
        (0o755, b"", 0),
    ],
)
def test_scripts_are_kept_when_they_can_be_run(mode: int, first: bytes, limit: int) -> None:
    assert script_wanted(mode, first) == limit


@pytest.mark.parametrize(
    ("path", "limit"),
    [("app/shop.jar", 64 * MIB), ("srv/a.war", 64 * MIB), ("a.ear", 64 * MIB), ("app/jar", 0), ("a.zip", 0)],
)
def test_jars_are_looked_into(path: str, limit: int) -> None:
    assert jar_wanted(path) == limit


@given(st.text())
def test_any_path_has_an_answer(path: str) -> None:
    assert body_wanted(path) >= 0


def test_it_is_fast() -> None:
    paths = [path for path, _ in LISTED] + NOT_LISTED * 20
    begun = time.perf_counter()
    for _ in range(50):
        for path in paths:
            body_wanted(path)
    each = (time.perf_counter() - begun) / (50 * len(paths))
    assert each < 10e-6, f"{each * 1e9:.0f} ns"  # about 0.4 µs when nothing else runs
