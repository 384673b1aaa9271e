from rebaser.checks.essential_removed import CHECK
from tests.builders import symlink
from tests.checks.evidence import an_evidence, found


def test_removing_what_is_a_link_now_is_a_blocker() -> None:
    evidence = an_evidence({"lib/x": "1"}, [{".wh.lib": ""}], {"usr/lib/x": "1", "lib": symlink("usr/lib")})
    assert found(CHECK, evidence) == [("blocker", "/lib")]


def test_removing_what_is_what_it_was_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"lib/x": "1"}, [{".wh.lib": ""}], {"lib/y": "1"})) == []
