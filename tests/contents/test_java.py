from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.java import (
    ClassVersion,
    JavaHome,
    JavaRelease,
    SharedArchive,
    feature_of,
    java_home_of,
    read_class_version,
    read_release,
    read_shared_archive,
)
from rebaser.contents.malformed import MalformedError
from tests.contents.hostile import answer, seconds

RELEASE = b"""IMPLEMENTOR="Eclipse Adoptium"
JAVA_RUNTIME_VERSION="17.0.9+9"
JAVA_VERSION="17.0.9"\r
MODULES="java.base java.logging"
"""
INSTALLED = sorted(Path("/usr/lib/jvm").glob("*/release"))
BUILD = 'OpenJDK 64-Bit Server VM (17.0.9+9) for linux-amd64 JRE (17.0.9+9), built on Oct 17 2023 by "x" with gcc 10'


def test_a_release() -> None:
    found = read_release(RELEASE)
    assert found == JavaRelease("17.0.9", "17.0.9+9", "Eclipse Adoptium", ("java.base", "java.logging"))
    assert found.feature == 17


@pytest.mark.parametrize("body", [b"", b"VERSION=1\n", b'JAVA_VERSION=""', b"JAVA_VERSION=17\n" * 30_000])
def test_what_is_no_release(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_release(body)


@pytest.mark.parametrize(
    ("version", "feature"), [("17.0.9", 17), ("1.8.0_392", 8), ("9", 9), ("25-ea", 25), ("1", 1), ("x", 0), ("", 0)]
)
def test_the_feature_version(version: str, feature: int) -> None:
    assert feature_of(version) == feature


@pytest.mark.parametrize(
    ("directory", "below", "feature", "launcher"),
    [
        ("usr/lib/jvm/java-17-openjdk-amd64", "bin/java", 17, True),
        ("usr/lib/jvm/java-17-openjdk-amd64", "lib/modules", 17, False),
        ("usr/lib/jvm/java-11-openjdk-11.0.5.10-0.el8", "bin/java", 11, True),
        ("usr/lib/jvm/java-1.8.0-openjdk", "jre/bin/java", 8, True),
        ("usr/lib/jvm/temurin-25-jdk-amd64", "release", 25, False),
        ("usr/lib/jvm/zulu17-ca-amd64", "release", 17, False),
        ("opt/java/openjdk", "bin/java", 0, True),
        ("usr/local/openjdk-11", "bin/java", 11, True),
        ("usr/java/openjdk-21", "lib/x", 21, False),
        ("opt/jdk-21.0.1", "bin/java", 21, True),
        ("javaruntime", "bin/java", 0, True),
        ("app", "jre/bin/java", 0, True),
    ],
)
def test_where_java_is(directory: str, below: str, feature: int, launcher: bool) -> None:
    assert java_home_of(f"{directory}/{below}") == JavaHome(directory, feature, launcher)


@pytest.mark.parametrize("path", ["", "usr/bin/java", "bin/java", "usr/share/java/a.jar", "usr/lib/jvm/x", "opt/java"])
def test_where_it_is_not(path: str) -> None:
    assert java_home_of(path) is None


@pytest.mark.parametrize(
    ("head", "version", "java"),
    [
        (b"\xca\xfe\xba\xbe\0\0\0\x34", ClassVersion(52, preview=False), 8),
        (b"\xca\xfe\xba\xbe\0\3\0\x2d", ClassVersion(45, preview=False), 1),
        (b"\xca\xfe\xba\xbe\xff\xff\0\x41rest", ClassVersion(65, preview=True), 21),
    ],
)
def test_a_class(head: bytes, version: ClassVersion, java: int) -> None:
    assert read_class_version(head) == version
    assert version.java == java


@pytest.mark.parametrize("head", [b"", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbe\0\0\0\2", b"\x7fELF\0\0\0\x34"])
def test_what_is_no_class(head: bytes) -> None:
    """A Mach-O of several architectures begins alike, and has their small number where the version is."""
    with pytest.raises(MalformedError):
        read_class_version(head)


@pytest.mark.parametrize(("magic", "kind"), [(0xF00BABA2, "static"), (0xF00BABA8, "dynamic")])
@pytest.mark.parametrize("order", ["little", "big"])
def test_a_shared_archive(magic: int, kind: str, order: str) -> None:
    words = [magic, 7, 11]
    head = b"".join(word.to_bytes(4, "little" if order == "little" else "big") for word in words)
    found = read_shared_archive(head + bytes(50) + BUILD.encode() + bytes(200))
    assert (found.kind, found.version, found.jvm) == (kind, 11, BUILD)
    assert not read_shared_archive(head + bytes(300)).jvm


@pytest.mark.parametrize("head", [b"", b"\xa2\xab\x0b\xf0", bytes(100)])
def test_what_is_no_shared_archive(head: bytes) -> None:
    with pytest.raises(MalformedError):
        read_shared_archive(head)


@pytest.mark.skipif(not INSTALLED, reason="no Java here")
@pytest.mark.parametrize("release", INSTALLED, ids=lambda release: release.parent.name)
def test_an_installed_java_agrees_with_itself(release: Path) -> None:
    found = read_release(release.read_bytes())
    home = java_home_of(str(release).lstrip("/"))
    assert home is not None
    assert home.feature == found.feature > 0
    for archive in release.parent.glob("lib/server/*.jsa"):
        with archive.open("rb") as opened:
            jvm = read_shared_archive(opened.read(4096)).jvm
        assert f"({found.version}" in jvm


@given(
    st.binary(max_size=200)
    | st.binary(max_size=30).map(lambda raw: RELEASE + raw)
    | st.binary(max_size=30).map(lambda raw: b"\xa2\xab\x0b\xf0" + raw + BUILD.encode())
)
def test_any_bytes_have_an_answer_or_the_named_error(body: bytes) -> None:
    assert isinstance(answer(read_release, body), JavaRelease | str)
    assert isinstance(answer(read_class_version, body), ClassVersion | str)
    assert isinstance(answer(read_shared_archive, body), SharedArchive | str)


@given(
    st.text()
    | st.lists(st.sampled_from(["/", "jvm", "java-", "17", "opt", "usr", "local", "bin", "jdk", "openjdk"])).map(
        "".join
    )
)
def test_any_path_has_an_answer(path: str) -> None:
    home = java_home_of(path)
    assert home is None or path.startswith(home.directory + "/")


def test_it_is_linear() -> None:
    assert seconds(read_release, b"A=" * 120_000) < 1
    assert seconds(read_shared_archive, b"\xa2\xab\x0b\xf0" + b" VM (" * 1000) < 1
