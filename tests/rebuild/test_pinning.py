import pytest

from rebaser.errors import RebuildError
from rebaser.oci.platform import Platform
from rebaser.oci.reference import parse_reference
from rebaser.rebuild.dockerfile import Dockerfile, read_dockerfile
from rebaser.rebuild.pinning import context_name, final_base, pinned, rewritten

DIGEST = "sha256:" + "a" * 64
DEBIAN = parse_reference("debian:12")
NEW = f"docker.io/library/debian@{DIGEST}"


def read(content: bytes, **build_args: str) -> Dockerfile:
    return read_dockerfile(content, build_args, Platform("linux", "amd64"))


def moved(content: bytes, target: str = "", **build_args: str) -> bytes:
    dockerfile = read(content, **build_args)
    return rewritten(dockerfile, final_base(dockerfile, target, [DEBIAN]), NEW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"FROM debian:12\nRUN x\n", b"FROM %s\nRUN x\n"),
        (
            b"ARG B=debian:12\nFROM  ${B}\tAS x\r\nARG B\nRUN echo $B",
            b"ARG B=debian:12\nFROM  %s\tAS x\r\nARG B\nRUN echo $B",
        ),
        (b"FROM --platform=$BUILDPLATFORM debian:12 AS a", b"FROM --platform=$BUILDPLATFORM %s AS a"),
        (b"FROM deb\\\n# no\nian:12 \\\n AS a", b"FROM %s \\\n AS a"),
        (b"FROM golang:1 AS b\nFROM debian:12\nCOPY --from=b / /", b"FROM golang:1 AS b\nFROM %s\nCOPY --from=b / /"),
        (b"FROM debian:12 AS c\nFROM c\nLABEL x=\xff", b"FROM %s AS c\nFROM c\nLABEL x=\xff"),
        (b"FROM debian:12\nRUN <<E\nFROM debian:12\nE\n", b"FROM %s\nRUN <<E\nFROM debian:12\nE\n"),
        (b"FROM debian:12@" + DIGEST.encode(), b"FROM %s"),
    ],
)
def test_only_the_name_of_the_base_is_written_anew(before: bytes, after: bytes) -> None:
    assert moved(before) == after.replace(b"%s", NEW.encode())


def test_a_base_that_other_stages_use_too_moves_with_them_and_another_tag_stays() -> None:
    before = b"FROM debian:12 AS b\nFROM debian:11 AS old\nFROM docker.io/debian:12\nCOPY --from=debian:12 /a /a\n"
    after = b"FROM %s AS b\nFROM debian:11 AS old\nFROM %s\nCOPY --from=%s /a /a\n"
    assert moved(before) == after.replace(b"%s", NEW.encode())


@pytest.mark.parametrize(
    "text", [b"FROM scratch", b"FROM ubuntu:24.04", b"FROM debian:12 AS a\nFROM scratch", b"FROM a$$"]
)
def test_a_base_that_the_dockerfile_does_not_name_is_an_error(text: bytes) -> None:
    with pytest.raises(RebuildError, match=r"not on docker\.io/library/debian") as caught:
        final_base(read(text), "", [DEBIAN])
    assert caught.value.code == "base-not-in-dockerfile"
    assert caught.value.exit_code == 5


def test_a_mirror_s_copy_is_known_by_its_digest() -> None:
    known = parse_reference(f"debian@{DIGEST}")
    name = f"mirror.example/debian@{DIGEST}"
    assert final_base(read(f"FROM {name}".encode()), "", [known]).text == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"FROM docker.io/library/debian:12 AS debian", "debian:12"),
        (b"FROM debian:latest AS app", "debian"),
        (b"FROM ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        (b"FROM debian AS debian\nRUN x", None),
        (b"FROM debian AS x\nFROM alpine AS debian", None),
    ],
)
def test_a_named_context_never_takes_the_place_of_a_stage(text: bytes, name: str | None) -> None:
    dockerfile = read(text)
    assert context_name(dockerfile, dockerfile.stages[0].image) == name


def test_a_base_in_a_directory_or_without_a_digest_cannot_be_pulled() -> None:
    assert pinned(parse_reference(f"debian:12@{DIGEST}")) == NEW
    for text in ("debian:12", "oci:somewhere:1"):
        with pytest.raises(RebuildError, match="cannot pull the new base"):
            pinned(parse_reference(text))
