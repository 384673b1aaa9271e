from collections.abc import Iterable

from rebaser.checks.base import Check, Finding, Status
from rebaser.checks.catalog import PLAN_CHECKS
from rebaser.checks.runner import run_checks
from rebaser.plan.model import PlatformPlan
from rebaser.request import Severity
from tests.builders import an_image, as_image
from tests.checks.plans import NEW, a_base, a_plan


def finds(_plan: PlatformPlan) -> Iterable[Finding]:
    yield Finding("finds", Severity.NOTE, "found", "nothing")


def breaks(_plan: PlatformPlan) -> Iterable[Finding]:
    yield Finding("breaks", Severity.NOTE, "half", "nothing")
    raise KeyError("oops")


def passes(_plan: PlatformPlan) -> Iterable[Finding]:
    return ()


def test_a_check_that_crashes_blocks_and_hides_nothing_of_the_others() -> None:
    checks = [Check("breaks", "", breaks), Check("finds", "", finds), Check("passes", "", passes)]
    broken, found, passed = run_checks(checks, a_plan())
    assert (broken.status, found.status, passed.status) == (Status.CRASHED, Status.FOUND, Status.PASSED)
    assert broken.findings[0].absolute
    assert broken.findings[0].severity is Severity.BLOCKER
    assert "KeyError" in broken.reason


def test_a_current_platform_is_not_checked_and_says_why() -> None:
    base = a_base(an_image([NEW]))
    plan = PlatformPlan((1,), as_image(an_image([NEW])), base, current="it is")
    results = run_checks(PLAN_CHECKS, plan)
    assert {result.status for result in results} == {Status.SKIPPED}
    assert {result.reason for result in results} == {"it is"}
    assert {result.place for result in results} == {(1,)}
    assert [result.check for result in results] == [check.id for check in PLAN_CHECKS]
