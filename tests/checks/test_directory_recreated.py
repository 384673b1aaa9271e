from rebaser.checks.directory_recreated import CHECK
from tests.checks.evidence import an_evidence, found

AGAIN = {"opt/.wh.x": "", "opt/x/": "", "opt/x/own": "1"}


def test_what_the_new_base_has_more_comes_back_on_some_engines() -> None:
    evidence = an_evidence({"opt/x/a": "1"}, [AGAIN], {"opt/x/a": "1", "opt/x/b": "1"})
    assert found(CHECK, evidence) == [("blocker", "/opt/x")]


def test_a_directory_with_nothing_new_in_it_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"opt/x/a": "1"}, [AGAIN], {"opt/x/a": "1"})) == []
