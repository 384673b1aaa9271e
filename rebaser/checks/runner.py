"""Runs checks. A bug in one must neither let an image through nor hide what the others find."""

from collections.abc import Iterable

from rebaser.checks.base import Check, CheckResult, Finding, Status
from rebaser.plan.model import PlatformPlan
from rebaser.request import Severity


def run_checks(checks: Iterable[Check], plan: PlatformPlan) -> tuple[CheckResult, ...]:
    """Return every check's result for one platform; where there is nothing to rebase they are skipped."""
    if plan.current:
        return tuple(CheckResult(check.id, plan.path, Status.SKIPPED, reason=plan.current) for check in checks)
    return tuple(_run(check, plan) for check in checks)


def _run(check: Check, plan: PlatformPlan) -> CheckResult:
    try:
        findings = tuple(check.run(plan))
    except Exception as error:  # noqa: BLE001  whatever it is, it is a blocker and not the end of the run
        reason = f"{type(error).__name__}: {error}"
        return CheckResult(check.id, plan.path, Status.CRASHED, (_crashed(check, reason),), reason)
    return CheckResult(check.id, plan.path, Status.FOUND if findings else Status.PASSED, findings)


def _crashed(check: Check, reason: str) -> Finding:
    return Finding(
        check.id,
        Severity.BLOCKER,
        f"The check {check.id} failed itself, so what it would have found is unknown: {reason}",
        "Please report this, with the report.json of the run; rebuild the image meanwhile.",
        absolute=True,
    )
