from rebaser.checks.stale_whiteout import CHECK
from tests.checks.evidence import an_evidence, found


def test_a_removal_of_what_is_not_there_is_a_note() -> None:
    evidence = an_evidence({"opt/a": "1", "opt/b": "1"}, [{"opt/.wh.a": ""}], {"opt/b": "1"})
    assert found(CHECK, evidence) == [("note", "/opt/a")]


def test_a_removal_in_a_directory_that_is_nowhere_else_shows_a_device_on_some_engines() -> None:
    evidence = an_evidence({"opt/x/a": "1"}, [{"opt/x/.wh.a": ""}], {})
    assert found(CHECK, evidence) == [("warning", "/opt/x/a")]


def test_a_removal_of_what_is_there_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"opt/a": "1"}, [{"opt/.wh.a": ""}], {"opt/a": "2"})) == []
