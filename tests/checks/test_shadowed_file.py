from rebaser.checks.shadowed_file import CHECK
from tests.checks.evidence import an_evidence, found

PATH = "usr/lib/libx.so.1"


def test_a_file_that_a_step_and_the_new_base_both_changed_is_a_blocker() -> None:
    evidence = an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "2"})
    assert found(CHECK, evidence) == [("blocker", f"/{PATH}")]


def test_a_file_that_was_copied_in_is_what_a_rebuild_would_copy_in() -> None:
    evidence = an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "2"}, steps=["COPY x /usr/lib/"])
    assert found(CHECK, evidence) == []


def test_a_file_that_the_new_base_did_not_change_hides_nothing() -> None:
    assert found(CHECK, an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "1"})) == []


def test_a_log_that_a_step_wrote_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"var/log/x": "1"}, [{"var/log/x": "own"}], {"var/log/x": "2"})) == []
