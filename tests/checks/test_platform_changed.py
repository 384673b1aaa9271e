import pytest

from rebaser.checks.platform_changed import CHECK
from tests.builders import an_image
from tests.checks.plans import NEW, OLD, OWN, a_plan


@pytest.mark.parametrize(
    ("application", "base"),
    [("linux/amd64", "linux/amd64"), ("linux/arm64/v8", "linux/arm64"), ("linux/arm/v7", "linux/arm/v6")],
)
def test_a_base_that_runs_where_the_application_does_is_no_finding(application: str, base: str) -> None:
    plan = a_plan(app=an_image([OLD, OWN], platform=application), new=an_image([NEW], platform=base))
    assert list(CHECK.run(plan)) == []


@pytest.mark.parametrize(
    ("application", "base"),
    [
        ("linux/amd64", "linux/arm64"),
        ("linux/amd64", "windows/amd64"),
        ("linux/amd64", "linux/amd64/v2"),
        ("linux/arm/v6", "linux/arm/v7"),
    ],
)
def test_a_base_for_other_machines_cannot_be_forced(application: str, base: str) -> None:
    plan = a_plan(app=an_image([OLD, OWN], platform=application), new=an_image([NEW], platform=base))
    (finding,) = CHECK.run(plan)
    assert finding.absolute
    assert (finding.before, finding.after) == (application, base)
