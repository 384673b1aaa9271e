from rebaser.checks.old_base_gone import CHECK
from rebaser.plan.model import Rejection
from tests.checks.plans import a_plan, an_unknown_base


def test_a_base_that_was_found_is_no_finding() -> None:
    assert list(CHECK.run(a_plan())) == []


def test_a_base_that_is_named_and_gone_is_told_with_where_it_was_named() -> None:
    rejected = (Rejection("the annotation names r.example/base@sha256:0, which is not there", gone=True),)
    (finding,) = CHECK.run(an_unknown_base(*rejected))
    assert finding.absolute
    assert "r.example/base@sha256:0, which is not there" in finding.message


def test_nothing_named_is_nothing_gone() -> None:
    assert list(CHECK.run(an_unknown_base())) == []
