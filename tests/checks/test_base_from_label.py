from rebaser.checks.base_from_label import CHECK
from rebaser.request import Severity
from tests.checks.plans import FROM_LABELS, a_plan


def test_a_label_may_be_inherited_and_so_is_warned_of() -> None:
    (finding,) = CHECK.run(a_plan(found=FROM_LABELS))
    assert finding.severity is Severity.WARNING
    assert not finding.absolute
    assert "`old-base`" in finding.remedy


def test_a_base_that_was_named_is_no_finding() -> None:
    assert list(CHECK.run(a_plan(found="input"))) == []
    assert list(CHECK.run(a_plan(found="annotation"))) == []
