from rebaser.checks.type_changed import CHECK
from tests.builders import symlink
from tests.checks.evidence import an_evidence, found


def test_a_directory_over_a_link_hides_what_is_behind_it() -> None:
    evidence = an_evidence(
        {"lib/a": "1"}, [{"lib/": "", "lib/own": "1"}], {"usr/lib/a": "1", "lib": symlink("usr/lib")}
    )
    assert found(CHECK, evidence) == [("blocker", "/lib")]


def test_a_file_over_a_directory_hides_the_directory() -> None:
    assert found(CHECK, an_evidence({}, [{"opt/x": "1"}], {"opt/x/a": "1"})) == [("blocker", "/opt/x")]


def test_what_replaced_a_directory_of_both_bases_is_no_finding() -> None:
    evidence = an_evidence({"opt/x/a": "1"}, [{"opt/x": "1"}], {"opt/x/a": "2"})
    assert found(CHECK, evidence) == []
