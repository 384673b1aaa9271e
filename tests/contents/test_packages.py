"""dpkg, apk: what is installed, which version is newer, what is unmet."""

import itertools
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.apk import read_installed
from rebaser.contents.dpkg import read_status, read_status_d
from rebaser.contents.malformed import MalformedError
from rebaser.contents.package import Demand, Package, Provision, unmet, written
from rebaser.contents.versions import Ecosystem, compare

STATUS = b"""\
Package: libssl3
Status: install ok installed
Priority: optional
Architecture: amd64
Source: openssl (3.0.17-1)
Version: 3.0.17-1~deb12u2
Provides: libssl-any (= 3), tls
Depends: libc6 (>= 2.34), debconf (>= 0.5) | debconf-2.0
Description: a library
 that goes on
 .
 and on

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
"""
VERSIONS = ["1", "1.0", "1.0-1", "1:0.5", "1.0~rc1", "1.0+b1", "1.0a", "1.10", "1.9", "2~~", "2~", "0", "1.0-1+deb12u1"]


def test_a_status_tells_what_is_installed() -> None:
    (package,) = read_status(STATUS)
    assert (package.name, package.version, package.architecture) == ("libssl3", "3.0.17-1~deb12u2", "amd64")
    assert (package.source, package.source_version) == ("openssl", "3.0.17-1")
    assert package.provides == (Provision("libssl-any", "3"), Provision("tls", ""))
    assert [written(one) for one in package.requires] == ["libc6 (>= 2.34)", "debconf (>= 0.5) | debconf-2.0"]


def test_lines_of_a_file_from_dos_and_records_of_distroless() -> None:
    assert read_status(STATUS.replace(b"\n", b"\r\n"))[0].name == "libssl3"
    assert read_status_d(b"Package: a\nVersion: 1\nArchitecture: all\n")[0].version == "1"


@pytest.mark.parametrize("body", [b"no field", b"Version: 1\n"])
def test_what_is_no_database_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_status(body)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_malformed(body: bytes) -> None:
    for read in (read_status, read_status_d, read_installed):
        with suppress(MalformedError):
            read(body)


@pytest.mark.skipif(not Path("/var/lib/dpkg/status").exists(), reason="this is no Debian")
def test_this_machine_s_packages_are_those_that_dpkg_lists() -> None:
    told = subprocess.run(
        ("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Architecture} ${Version}\\n"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    listed = {tuple(line.split()[1:]) for line in told.splitlines() if line.startswith("installed ")}
    packages = read_status(Path("/var/lib/dpkg/status").read_bytes())
    assert {(one.name, one.architecture, one.version) for one in packages} == listed
    assert unmet(packages) == ()


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="there is no dpkg here")
def test_debian_versions_are_ordered_as_dpkg_orders_them() -> None:
    for left, right in itertools.combinations(VERSIONS, 2):
        found = compare("deb", left, right)
        operator = "lt" if found < 0 else "gt" if found > 0 else "eq"
        done = subprocess.run(("dpkg", "--compare-versions", left, operator, right), check=False)
        assert done.returncode == 0, (left, operator, right)


@pytest.mark.parametrize(
    ("ecosystem", "ordered"),
    [
        ("rpm", ["1.0~rc1-1", "1.0-1", "1.0^git1-1", "1.0.1-1", "1.0.a-1", "1.1-1", "1.10-1", "1:0.1-1"]),
        ("apk", ["1.0_alpha1", "1.0_rc1", "1.0", "1.0-r1", "1.0_p1", "1.0a", "1.0.1", "1.1", "1.10"]),
        ("deb", ["1.0~~", "1.0~rc1", "1.0", "1.0-1", "1.0+b1", "1.9", "1.10", "1:0"]),
    ],
)
def test_versions_in_their_order(ecosystem: Ecosystem, ordered: list[str]) -> None:
    wrong = {
        "rpm": [("1.0.a-1", "1.0.1-1")],  # a number is newer than letters
    }.get(ecosystem, [])
    for left, right in itertools.combinations(ordered, 2):
        swapped = (right, left) in wrong
        assert (compare(ecosystem, left, right) < 0) is not swapped, (left, right)
        assert (compare(ecosystem, right, left) > 0) is not swapped, (left, right)


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(["deb", "rpm", "apk"]))
def test_comparing_is_antisymmetric(left: str, right: str, ecosystem: Ecosystem) -> None:
    forth, back = compare(ecosystem, left, right), compare(ecosystem, right, left)
    assert (forth > 0) == (back < 0)
    assert compare(ecosystem, left, left) == 0


def test_a_database_of_apk() -> None:
    body = b"C:Q1x\nP:busybox\nV:1.36.1-r5\nA:x86_64\no:busybox\nD:so:libc.musl-x86_64.so.1 !old\n"
    body += b"p:cmd:sh=1.36.1-r5\n\n"
    (package,) = read_installed(body + b"\n")
    assert (package.ecosystem, package.name, package.version) == ("apk", "busybox", "1.36.1-r5")
    assert package.provides == (Provision("cmd:sh", "1.36.1-r5"),)
    assert package.requires == ((Demand("so:libc.musl-x86_64.so.1"),), (Demand("old", "!"),))


def a_package(name: str, version: str = "1", *requires: Demand, provides: tuple[Provision, ...] = ()) -> Package:
    return Package("deb", name, version, requires=tuple((one,) for one in requires), provides=provides)


def test_what_a_set_of_packages_does_not_meet() -> None:
    needs = a_package(
        "app", "1", Demand("lib", ">=", "2"), Demand("/bin/sh"), Demand("tls", "=", "3"), Demand("bad", "!")
    )
    assert [written(one) for _, one in unmet([needs])] == ["lib (>= 2)", "/bin/sh", "tls (= 3)"]
    others = [a_package("lib", "2.1"), a_package("x", provides=(Provision("tls", "3"),))]
    assert unmet([needs, *others], lambda path: path == "/bin/sh") == ()
    assert [written(one) for _, one in unmet([needs, *others, a_package("bad")])] == ["/bin/sh", "bad (! )"]
    assert [written(one) for _, one in unmet([a_package("app", "1", Demand("tls", "=", "3")), a_package("tls", "2")])]
