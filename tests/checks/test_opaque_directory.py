from rebaser.checks.opaque_directory import CHECK
from tests.checks.evidence import an_evidence, found

HIDDEN = {"opt/x/": "", "opt/x/.wh..wh..opq": "", "opt/x/own": "1"}


def test_what_the_new_base_has_more_in_a_hidden_directory_is_told() -> None:
    evidence = an_evidence({"opt/x/a": "1"}, [HIDDEN], {"opt/x/a": "1", "opt/x/b": "2"})
    assert found(CHECK, evidence) == [("warning", "/opt/x")]


def test_a_directory_with_nothing_new_in_it_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"opt/x/a": "1"}, [HIDDEN], {"opt/x/a": "2"})) == []
