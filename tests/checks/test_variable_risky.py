from rebaser.checks.variable_risky import CHECK
from rebaser.request import Severity
from tests.checks.evidence import an_evidence


def test_a_variable_that_changes_what_every_program_loads_is_told() -> None:
    (finding,) = CHECK.run(an_evidence(new_env=["LD_PRELOAD=/x.so"]).plan)
    assert (finding.severity, finding.subject, finding.after) == (Severity.WARNING, "LD_PRELOAD", "/x.so")


def test_a_variable_that_was_there_before_is_no_finding() -> None:
    assert list(CHECK.run(an_evidence(env=["LD_PRELOAD=/x.so"]).plan)) == []


def test_an_ordinary_variable_is_no_finding() -> None:
    assert list(CHECK.run(an_evidence(new_env=["COLOUR=red"]).plan)) == []
