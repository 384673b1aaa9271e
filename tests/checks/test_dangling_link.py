from rebaser.checks.dangling_link import CHECK
from tests.builders import symlink
from tests.checks.evidence import an_evidence, found


def test_a_link_to_what_the_new_base_moved_is_a_blocker() -> None:
    evidence = an_evidence(
        {"usr/lib/java-17": "1"}, [{"bin/java": symlink("/usr/lib/java-17")}], {"usr/lib/java-21": "1"}
    )
    assert found(CHECK, evidence) == [("blocker", "/bin/java")]


def test_a_link_that_led_nowhere_before_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, [{"bin/x": symlink("/nowhere")}], {})) == []


def test_a_link_to_documentation_is_a_note() -> None:
    evidence = an_evidence({"usr/share/doc/a": "1"}, [{"opt/a": symlink("/usr/share/doc/a")}], {})
    assert found(CHECK, evidence) == [("note", "/opt/a")]
