from rebaser.checks.name_collision import CHECK
from tests.checks.evidence import an_evidence, found


def test_names_that_differ_in_case_are_a_note() -> None:
    evidence = an_evidence({}, [{"opt/README": "1"}], {"opt/readme": "1"})
    assert found(CHECK, evidence) == [("note", "/opt/README")]


def test_names_that_stood_beside_each_other_before_are_no_finding() -> None:
    assert found(CHECK, an_evidence({"opt/readme": "1"}, [{"opt/README": "1"}], {"opt/readme": "1"})) == []
