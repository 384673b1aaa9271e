from rebaser.checks.shell_missing import CHECK
from tests.checks.evidence import an_evidence, found, program


def test_a_base_without_a_shell_is_a_warning() -> None:
    assert found(CHECK, an_evidence({"bin/sh": program(b"1")}, new={})) == [("warning", "/bin/sh")]


def test_a_base_with_a_shell_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"bin/sh": program(b"1")}, new={"bin/sh": program(b"2")})) == []
