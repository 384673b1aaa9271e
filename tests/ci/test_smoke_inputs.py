"""What is tried in the result: each line of `smoke-test` is a test."""

from pathlib import Path

import pytest

from rebaser.checks.identifiers import check_ids
from rebaser.ci.inputs import read_inputs
from rebaser.ci.smoke_inputs import parse_smoke_tests
from rebaser.errors import InputError
from rebaser.trial.model import Command, OwnHealthcheck, StructureFile

IMAGE = {"image": "ghcr.io/acme/shop:1"}


def test_a_line_is_for_the_images_shell() -> None:
    assert parse_smoke_tests("shop --version | grep 3") == (
        Command(("/bin/sh", "-c", "shop --version | grep 3"), "shop --version | grep 3"),
    )


def test_a_json_array_is_run_without_a_shell() -> None:
    assert parse_smoke_tests('["/srv/shop", "--name", "$HOME"]') == (
        Command(("/srv/shop", "--name", "$HOME"), '["/srv/shop", "--name", "$HOME"]'),
    )


def test_brackets_of_the_shell_are_no_json() -> None:
    line = "[ -f /srv/shop ]"
    assert parse_smoke_tests(line) == (Command(("/bin/sh", "-c", line), line),)


def test_each_line_is_a_test_and_empty_ones_are_none() -> None:
    first, second = parse_smoke_tests("\n  healthcheck\n\n  true\n")
    assert first == OwnHealthcheck()
    assert second == Command(("/bin/sh", "-c", "true"), "true")


def test_a_file_of_structure_tests_is_read_at_once(tmp_path: Path) -> None:
    file = tmp_path / "tests.yaml"
    file.write_text("schemaVersion: 2.0.0\nmetadataTest: {user: app}\n")
    (found,) = parse_smoke_tests(f"structure-test: {file}")
    assert isinstance(found, StructureFile)
    assert found.tests.metadata_test is not None
    assert found.tests.metadata_test.user == "app"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('["unfinished', "begins like a JSON array and is none"),
        ("[]", "is not an array of texts"),
        ("[1]", "is not an array of texts"),
        ('["", "x"]', "is not an array of texts"),
        ("\n".join(["true"] * 21), "more than 20 lines"),
        ("x" * 40_000, "too long"),
        ("a\0b", "NUL"),
        ("structure-test:/no/such/file.yaml", "/no/such/file.yaml cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_a_test_is_told(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_smoke_tests(text)


def test_both_inputs_come_to_be_what_is_wanted() -> None:
    request = read_inputs(
        {**IMAGE, "smoke-test": "healthcheck", "verify": "rebuild", "context": "."}, {}, check_ids
    ).request
    assert (request.smoke_tests, request.verify) == ((OwnHealthcheck(),), "rebuild")
    without = read_inputs(IMAGE, {}, check_ids).request
    assert (without.smoke_tests, without.verify) == ((), None)


def test_both_are_told_with_all_other_wrong_inputs() -> None:
    with pytest.raises(InputError) as raised:
        read_inputs({**IMAGE, "smoke-test": "[]", "verify": "yes"}, {}, check_ids)
    assert {problem.name for problem in raised.value.problems} == {"smoke-test", "verify"}
