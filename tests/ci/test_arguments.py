"""The command line."""

import pytest

from rebaser.ci.arguments import parse_arguments
from rebaser.ci.inputs import INPUTS
from rebaser.errors import InputError


def test_every_input_is_a_flag_of_rebase() -> None:
    flags = [f"--{known.name}=text" for known in INPUTS if known.name != "image"]
    arguments = parse_arguments(["rebase", "shop", *flags])
    assert arguments.command == "rebase"
    assert arguments.texts == {known.name: "text" for known in INPUTS} | {"image": "shop"}


def test_a_switch_needs_no_value() -> None:
    assert parse_arguments(["rebase", "shop", "--dry-run"]).texts["dry-run"] == "true"


def test_a_switch_does_not_take_the_image_for_its_value() -> None:
    assert parse_arguments(["rebase", "--dry-run", "shop"]).texts == {"image": "shop", "dry-run": "true"}
    assert parse_arguments(["rebase", "--dry-run=false", "shop"]).texts == {"image": "shop", "dry-run": "false"}


def test_the_image_may_come_from_the_environment() -> None:
    assert parse_arguments(["rebase"]).texts == {}


def test_a_mistyped_flag_is_told_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(InputError) as raised:
        parse_arguments(["rebase", "shop", "--new-bse", "x"])
    assert "did you mean --new-base?" in raised.value.message


def test_flags_are_not_abbreviated_since_a_new_input_would_break_them() -> None:
    with pytest.raises(InputError):
        parse_arguments(["rebase", "shop", "--new", "x"])


def test_an_unknown_command_is_a_wrong_input() -> None:
    with pytest.raises(InputError, match="fleet"):
        parse_arguments(["fleet"])


def test_inspect_has_no_flag_that_writes() -> None:
    with pytest.raises(InputError):
        parse_arguments(["inspect", "shop", "--tags", "x"])


@pytest.mark.parametrize("argv", [["--help"], ["rebase", "--help"], ["--version"]])
def test_help_and_version_end_well(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        parse_arguments(argv)
    assert raised.value.code == 0
    assert "rebaser" in capsys.readouterr().out
