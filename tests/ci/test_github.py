"""The service of GitHub Actions, held against a model of its runner."""

import io
import json
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.ci.github import GitHub
from rebaser.errors import InputError
from tests.ci.runner import read_log, read_records
from tests.injection import CORPUS


def github(environment: dict[str, str] | None = None, stream: io.StringIO | None = None) -> GitHub:
    numbers = count(1)
    both = stream or io.StringIO()
    return GitHub(environment or {}, both, both, lambda: f"{next(numbers):032x}")


def test_inputs_come_with_dashes_or_with_underscores_and_empty_ones_are_none() -> None:
    told = {"INPUT_NEW-BASE": "a:2", "INPUT_OLD_BASE": "a:1", "INPUT_TAGS": " ", "INPUT_OTHER": "x", "INPUT_IMAGE": "i"}
    assert github(told).texts() == {"image": "i", "new-base": "a:2", "old-base": "a:1"}


def test_outputs_are_appended_to_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_text("earlier=1\n")
    github({"GITHUB_OUTPUT": str(file)}).set_outputs({"digest": "sha256:a", "tags": "a:1\na:2", "config-patch": ""})
    assert read_records(file.read_text()) == {
        "earlier": "1",
        "digest": "sha256:a",
        "tags": "a:1\na:2",
        "config-patch": "",
    }


def test_a_value_that_holds_the_end_of_a_record_gets_another_end(tmp_path: Path) -> None:
    file = tmp_path / "out"
    value = f"x\nrebaser_{1:032x}\nresult=rebased"
    github({"GITHUB_OUTPUT": str(file)}).set_outputs({"digest": value})
    assert read_records(file.read_text()) == {"digest": value}


def test_signs_that_no_value_needs_are_escaped_in_outputs(tmp_path: Path) -> None:
    file = tmp_path / "out"
    github({"GITHUB_OUTPUT": str(file)}).set_outputs({"report": "d\udcff/a\rb\0c\r\nd", "tags": "a:1\na:2"})
    assert read_records(file.read_bytes().decode()) == {
        "report": r"d\udcff/a\x0db\x00c\x0d" + "\nd",
        "tags": "a:1\na:2",
    }


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        github({"GITHUB_OUTPUT": str(tmp_path / "absent" / "out")}).set_outputs({"a": "b"})
    assert caught.value.problems[0].name == "GITHUB_OUTPUT"


def test_without_files_nothing_is_written() -> None:
    service = github()
    service.set_outputs({"a": "b"})
    service.add_summary("x")
    assert service.summary_room == 0


def test_the_room_of_a_summary_is_what_other_parts_of_the_step_left(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_text("x" * 1000)
    service = github({"GITHUB_STEP_SUMMARY": str(file)})
    assert service.summary_room == 1024 * 1024 - 1000
    service.add_summary("y")
    assert file.read_text() == "x" * 1000 + "y"


def test_an_annotation_is_one_command_whatever_it_says() -> None:
    stream = io.StringIO()
    github(stream=stream).annotate("error", "a: b, c\n::x::", "one\r\ntwo % %0A ::error::x")
    assert read_log(stream.getvalue()).commands == [
        ("error", {"title": "a: b, c\n::x::"}, "one\r\ntwo % %0A ::error::x")
    ]


def test_masks_are_told_before_anything_else_and_whole() -> None:
    stream = io.StringIO()
    github(stream=stream).mask(["se cret", "100%\n"])
    assert read_log(stream.getvalue()).commands == [("add-mask", {}, "se cret"), ("add-mask", {}, "100%\n")]


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: ascii(text)[:30])
def test_no_text_in_the_log_is_a_command(text: str) -> None:
    stream = io.StringIO()
    github(stream=stream).out.write(f"  note: {text}\n{text}\n")
    assert read_log(stream.getvalue()).commands == []
    assert stream.getvalue().isprintable() or set(stream.getvalue()) - {"\n"} <= set(
        filter(str.isprintable, stream.getvalue())
    )


@given(st.text(st.sampled_from(" \t\r\n\v\f\x1c\x85\u2028:#[]ax%"), max_size=30))
def test_no_mixture_of_signs_is_a_command(text: str) -> None:
    stream = io.StringIO()
    github(stream=stream).err.write(text)
    assert read_log(stream.getvalue()).commands == []


def test_plain_lines_are_left_as_they_are() -> None:
    stream = io.StringIO()
    text = "Rebased: r.example/a:1\n  base: a::b → c (100 %)\n\n    # x [y]\n"
    github(stream=stream).out.write(text)
    assert stream.getvalue() == text


def test_json_for_a_program_is_alone_on_stdout_and_still_json() -> None:
    out, err = io.StringIO(), io.StringIO()
    service = GitHub({}, out, err, lambda: "0" * 32)
    service.mask(["secret"])
    service.annotate("warning", "t", "m")
    service.print_json(json.dumps({"label": "##[error]x"}, indent=2))
    assert json.loads(out.getvalue()) == {"label": "##[error]x"}
    assert read_log(out.getvalue()).commands == []
    assert len(read_log(err.getvalue()).commands) == 2
