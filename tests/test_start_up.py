"""What is imported before it is needed: numbers that a user waits for at every start."""

import json
import subprocess
import sys

import pytest

HEAVY = ("pydantic", "httpx", "jsonpatch", "jsonschema")


def imported(*lines: str) -> set[str]:
    """Return the modules that a fresh process has after running `lines`."""
    code = "\n".join(("import sys", *lines, "import json", "print(json.dumps(sorted(sys.modules)))"))
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_telling_the_version_needs_next_to_nothing() -> None:
    found = imported("from rebaser.main import main", "main(['--version'])")
    assert {name for name in found if name.startswith("rebaser")} == {"rebaser", "rebaser.main"}
    assert not found & {*HEAVY, "argparse", "dataclasses", "ssl"}


@pytest.mark.parametrize("heavy", HEAVY)
def test_inputs_are_read_and_connections_opened_before_anything_heavy(heavy: str) -> None:
    assert heavy not in imported("import rebaser.commands.rebase")


def test_requests_are_under_way_before_documents_can_be_understood() -> None:
    found = imported("import rebaser.commands.rebase", "import rebaser.transports.registry.transports")
    assert "httpx" in found
    assert "pydantic" not in found


def test_a_rebase_does_not_import_other_commands_nor_yet_what_tells_of_it() -> None:
    found = {name for name in imported("import rebaser.commands.job") if name.startswith("rebaser")}
    assert not found & {"rebaser.demo", "rebaser.inspection", "rebaser.commands.publish", "rebaser.report.model"}


def test_how_many_modules_of_ours_a_rebase_is_made_of() -> None:
    found = [name for name in imported("import rebaser.commands.job") if name.startswith("rebaser.")]
    assert len(found) <= 103
