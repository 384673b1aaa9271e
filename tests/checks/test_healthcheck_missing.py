import pytest

from rebaser.checks.healthcheck_missing import CHECK
from rebaser.oci.strict_json import Json
from tests.checks.evidence import Files, an_evidence, found, program

CURL: Files = {"bin/sh": program(b"sh"), "usr/bin/curl": program(b"1")}
NEW: Files = {"bin/sh": program(b"sh")}


@pytest.mark.parametrize("test", [["CMD", "curl", "-f", "x"], ["CMD-SHELL", "curl -f x || exit 1"]])
def test_a_health_check_whose_command_is_gone_is_a_blocker(test: list[Json]) -> None:
    evidence = an_evidence(CURL, new=NEW, config={"Healthcheck": {"Test": test}})
    assert found(CHECK, evidence) == [("blocker", "curl")]


def test_a_health_check_that_was_turned_off_is_no_finding() -> None:
    assert found(CHECK, an_evidence(CURL, new=NEW, config={"Healthcheck": {"Test": ["NONE"]}})) == []


def test_a_health_check_that_can_be_run_is_no_finding() -> None:
    assert found(CHECK, an_evidence(CURL, new=CURL, config={"Healthcheck": {"Test": ["CMD", "curl"]}})) == []
