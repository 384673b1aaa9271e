import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.errors import RebuildError
from rebaser.oci.platform import Platform
from rebaser.rebuild.dockerfile import Dockerfile, base_chain, read_dockerfile, uses, wanted_stage
from rebaser.rebuild.instructions import MAX_DOCKERFILE

AMD64 = Platform("linux", "amd64")


def read(text: str, **build_args: str) -> Dockerfile:
    return read_dockerfile(text.encode(), build_args, AMD64)


def base(text: str, target: str = "", **build_args: str) -> str:
    return base_chain(read(text, **build_args), target)[-1].image.text


def refusal(text: str, **build_args: str) -> str:
    with pytest.raises(RebuildError) as caught:
        read(text, **build_args)
    assert caught.value.code == "dockerfile-invalid"
    return caught.value.message


def test_the_last_stage_is_what_is_built() -> None:
    assert base("FROM golang:1.22 AS build\nRUN go build\nFROM debian:12\nCOPY --from=build /a /a\n") == "debian:12"


def test_a_stage_on_a_stage_leads_to_the_image_below() -> None:
    text = "from debian:12 as Common\nFROM node:20 AS tools\nFROM common AS app\nFROM APP\n"
    chain = base_chain(read(text), "")
    assert [stage.number for stage in chain] == [3, 2, 0]
    assert chain[-1].image.text == "debian:12"


def test_a_stage_named_like_its_image_is_not_its_own_parent() -> None:
    assert base("FROM node AS node\nFROM node\n") == "node"
    assert read("FROM node AS node\n").stages[0].parent is None


def test_target_names_a_stage_in_any_case_or_by_number() -> None:
    text = "FROM a AS one\nFROM b AS Two\nFROM c\n"
    assert base(text, "TWO") == "b"
    assert base(text, "0") == "a"
    with pytest.raises(RebuildError, match="no stage called three"):
        wanted_stage(read(text), "three")
    with pytest.raises(RebuildError, match="no stage called ³"):
        wanted_stage(read(text), "³")


@pytest.mark.parametrize(
    ("written", "given", "expected"),
    [
        ("ARG B=debian:12\nFROM $B", {}, "debian:12"),
        ("ARG B=debian:12\nFROM ${B}", {"B": "debian:13"}, "debian:13"),
        ("ARG B\nFROM ${B:-debian:12}", {}, "debian:12"),
        ("ARG B=\nFROM ${B:-debian:12}", {}, "debian:12"),
        ("ARG B=\nFROM debian${B-:11}", {}, "debian"),
        ("ARG S=slim\nFROM python:3.13${S:+-$S}", {}, "python:3.13-slim"),
        ("ARG S=\nFROM python:3.13${S:+-$S}", {}, "python:3.13"),
        ("ARG R=docker.io V='12'\nARG B=$R/library/debian:$V\nFROM $B", {}, "docker.io/library/debian:12"),
        ("ARG V='$R'\nFROM debian:12", {}, "debian:12"),
        ('ARG A="deb" B=${A}ian\nFROM "$B:12"', {}, "debian:12"),
        ("ARG A\nFROM ${A:-${B:-debian}}:12", {}, "debian:12"),
        ("FROM debian-$TARGETARCH:12", {}, "debian-amd64:12"),
        ("FROM debian:${V}12", {"V": "never declared, so not seen"}, "debian:12"),
        ("FROM x\nARG V=13\nFROM debian:12$V", {}, "debian:12"),
        ("# escape=`\nARG B=debian`\n:12\nFROM `\n  $B", {}, "debian:12"),
    ],
)
def test_variables_are_replaced_as_builders_do(written: str, given: dict[str, str], expected: str) -> None:
    assert base(written, **given) == expected


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("ARG B\nFROM $B", "its ARG has no default"),
        ("FROM ${B", "lacks a }"),
        ("FROM ${B%-*}", "which is not known here"),
        ("ARG B\nFROM ${B:?name a base}", "name a base"),
        ("FROM a b", "not of the form"),
        ("FROM", "not of the form"),
        ("RUN true", "it has no FROM"),
        ("", "it has no FROM"),
        ("# escape=x\nFROM a", "neither a backslash nor a backtick"),
        ("# syntax=a\n# syntax=b\nFROM a", "given twice"),
        ("FROM a\nRUN <<EOF\ntrue\n", "not ended by EOF"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_line(written: str, why: str) -> None:
    assert why in refusal(written)


def test_continuations_comments_and_windows_line_ends_part_no_instruction() -> None:
    text = "FROM \\\r\n  # a comment\r\n\r\n   --platform=linux/amd64 deb\\\r\nian:12 \\ \t\r\n AS x\r\n"
    dockerfile = read(text)
    (stage,) = dockerfile.stages
    assert (stage.image.text, stage.name) == ("debian:12", "x")
    assert text[stage.image.start : stage.image.end] == "deb\\\r\nian:12"


def test_a_byte_order_mark_and_foreign_bytes_keep_their_places() -> None:
    dockerfile = read_dockerfile(b"\xef\xbb\xbfFROM debian:12\nLABEL a=\xff\n", {}, AMD64)
    name = dockerfile.stages[0].image
    assert dockerfile.content[name.start : name.end] == "debian:12"


@pytest.mark.parametrize(
    "body",
    [
        "RUN <<EOF\nFROM evil\nEOF\n",
        "RUN <<-EOF\n\tFROM evil\n\tEOF\n",
        "RUN <<'EOF' cat > x\nFROM evil \\\nEOF\n",
        'COPY <<A <<"B" /x/\nFROM evil\nA\nFROM evil\nB\n',
        "ONBUILD RUN <<EOF\nFROM evil\nEOF\n",
        "RUN 3<<EOF\nFROM evil\nEOF\n",
    ],
)
def test_here_documents_hold_no_instructions(body: str) -> None:
    assert [stage.image.text for stage in read(f"FROM debian:12\n{body}").stages] == ["debian:12"]


@pytest.mark.parametrize("line", ["RUN echo it's <<EOF", 'RUN ["echo", "<<EOF"]', "RUN echo $((1<<2))", "ENV A=<<EOF"])
def test_what_only_looks_like_a_here_document_swallows_nothing(line: str) -> None:
    text = f"FROM a\n{line}\n2))\nFROM b\n"
    assert len(read(text).stages) == 2


def test_images_that_files_are_taken_from_are_found_and_stages_are_not() -> None:
    text = (
        "FROM debian:12 AS build\nFROM debian:12\nCOPY --chown=a --from=build /a /b\nCOPY --from=0 /a /b\n"
        "COPY --from=nginx:1 --chmod=1 /a /b\n"
        "RUN --mount=type=cache,target=/c --mount=type=bind,from=docker.io/library/debian:12,target=/d ls --from=no\n"
    )
    dockerfile = read(text)
    assert [name.text for name in dockerfile.borrowed] == ["nginx:1", "docker.io/library/debian:12"]
    final = dockerfile.stages[-1].image
    same = uses(dockerfile, final)
    assert [text[name.start : name.end] for name in same] == ["debian:12", "debian:12", "docker.io/library/debian:12"]


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ("# syntax=docker/dockerfile:1\nFROM a", "docker/dockerfile:1"),
        ("#Syntax = evil/frontend \nFROM a", "evil/frontend"),
        ("// syntax=evil/frontend\nFROM a", "evil/frontend"),
        ("#!/usr/bin/env x\n# syntax=evil/frontend\nFROM a", "evil/frontend"),
        ('{"syntax": "evil/frontend"}\nFROM a', "unknown, in a JSON object"),
        ("# a comment\n# syntax=evil/frontend\nFROM a", ""),
    ],
)
def test_the_frontend_is_found_wherever_a_builder_finds_it(text: str, syntax: str) -> None:
    assert read(text).syntax == syntax


@pytest.mark.parametrize(
    "text",
    [
        "ARG A=" + "a" * 100 + "\n" + "".join("ARG A=$A$A\n" for _ in range(40)) + "FROM $A",
        "ARG A=" + "a" * 3000 + "\nFROM " + "$A" * 2000,
        "ARG A=" + "a" * 3000 + '\nFROM "' + "$A" * 2000 + '"',
        "FROM " + "${A:-" * 2000 + "}" * 2000,
        "FROM a\n" * 2000,
        "#" * (MAX_DOCKERFILE + 1),
    ],
)
def test_hostile_files_end_in_an_error_soon(text: str) -> None:
    start = time.monotonic()
    refusal(text)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nCOPY " + "--from=x " * 50_000,
        "FROM a\nRUN --mount=" + "from=x," * 50_000,
        "FROM a\nRUN " + "<<A " * 1000 + "\n" + "A\n" * 1000,
        "FROM a\nRUN " + "[" * 500_000 + "<<",
        "FROM a\nRUN " + "\\\n" * 250_000 + "x",
        "FROM a\n" + "\\" * 500_000,
        "# " + " " * 400_000 + "=\nFROM a",
        "FROM a\n" + " " * 500_000,
    ],
)
def test_long_lines_take_no_time(text: str) -> None:
    start = time.monotonic()
    assert read(text).stages[0].image.text == "a"
    assert time.monotonic() - start < 8


@given(st.text(alphabet="FROMARGUN aA=$:-{}\"'\\`#\n\r\t<EO", max_size=300))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        dockerfile = read(text)
    except RebuildError:
        return
    for name in dockerfile.images:
        assert 0 <= name.start < name.end <= len(dockerfile.content)
    assert base_chain(dockerfile, "")[-1].parent is None
