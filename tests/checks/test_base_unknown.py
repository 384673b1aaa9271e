from rebaser.checks.base_unknown import CHECK
from rebaser.plan.model import Rejection
from tests.checks.plans import a_plan, an_unknown_base


def test_a_known_base_is_no_finding() -> None:
    assert list(CHECK.run(a_plan())) == []


def test_an_image_that_names_no_base_cannot_be_rebased_whatever_is_tolerated() -> None:
    (finding,) = CHECK.run(an_unknown_base())
    assert finding.absolute
    assert "neither annotations, nor provenance, nor labels name a base" in finding.message
    assert "`old-base`" in finding.remedy


def test_what_was_named_and_did_not_hold_is_told() -> None:
    (finding,) = CHECK.run(an_unknown_base(Rejection("the label names x, of whose 2 layers 1 matches")))
    assert "the label names x" in finding.message


def test_a_base_that_is_gone_is_the_other_checks_business() -> None:
    assert list(CHECK.run(an_unknown_base(Rejection("x is not there", gone=True)))) == []
