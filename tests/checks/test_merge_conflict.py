from dataclasses import replace

from rebaser.checks.merge_conflict import CHECK
from rebaser.plan.merge_layer import MergeLayer, Unmerged
from tests.checks.evidence import an_evidence, findings, found


def test_a_line_that_both_sides_changed_stands_in_the_way() -> None:
    evidence = replace(an_evidence(), merge=MergeLayer(conflicts=(Unmerged("etc/login.defs", "both changed line 7"),)))
    assert found(CHECK, evidence) == [("blocker", "/etc/login.defs")]
    assert "both changed line 7" in findings(CHECK, evidence)[0].message


def test_where_nothing_was_in_the_way_there_is_nothing_to_tell() -> None:
    assert found(CHECK, an_evidence()) == []
