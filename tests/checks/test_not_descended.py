from rebaser.checks.not_descended import CHECK
from tests.builders import an_image
from tests.checks.plans import NEW, OLD, OWN, a_plan


def test_an_image_that_begins_with_all_of_its_base_is_no_finding() -> None:
    assert list(CHECK.run(a_plan())) == []


def test_an_image_with_none_of_the_bases_layers_is_not_built_on_it() -> None:
    (finding,) = CHECK.run(a_plan(app=an_image([OWN])))
    assert finding.absolute
    assert "only 0 of that base's 1 layers" in finding.message


def test_half_of_a_base_is_not_the_base() -> None:
    (finding,) = CHECK.run(a_plan(old=an_image([OLD, NEW])))
    assert "only 1 of that base's 2 layers" in finding.message


def test_an_image_that_is_shorter_than_its_base_is_not_built_on_it() -> None:
    assert len(list(CHECK.run(a_plan(old=an_image([OLD, OWN, NEW]))))) == 1
