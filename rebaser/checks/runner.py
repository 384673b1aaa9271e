"""Runs checks. A bug in one must neither let an image through nor hide what the others find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from rebaser.checks.base import Check, CheckResult, Finding, LayerCheck, Status, TrialCheck
from rebaser.oci.platform import same_platform
from rebaser.plan.model import PlatformPlan
from rebaser.request import Severity

if TYPE_CHECKING:  # start-up
    from rebaser.plan.evidence import Evidence
    from rebaser.trial.model import Trial


def run_checks(checks: Iterable[Check], plan: PlatformPlan) -> tuple[CheckResult, ...]:
    """Return every check's result for one platform; where there is nothing to rebase they are skipped."""
    if plan.current:
        return tuple(CheckResult(check.id, plan.path, Status.SKIPPED, reason=plan.current) for check in checks)
    return tuple(_result(check.id, plan, partial(check.run, plan)) for check in checks)


def run_layer_checks(
    checks: Iterable[LayerCheck], plan: PlatformPlan, evidence: Evidence | None
) -> tuple[CheckResult, ...]:
    """Return every check's result for one platform; without evidence they are skipped, saying why there is none."""
    if evidence is None:
        reason = plan.current or plan.unread or "there is no way to rebase it, and so nothing to compare"
        return tuple(CheckResult(check.id, plan.path, Status.SKIPPED, reason=reason) for check in checks)
    return tuple(_result(check.id, plan, partial(check.run, evidence)) for check in checks)


def run_trial_checks(checks: Iterable[TrialCheck], plan: PlatformPlan, trial: Trial) -> tuple[CheckResult, ...]:
    """Return every check's result for one platform; where another one was tried they are skipped."""
    if not same_platform(plan.original.platform, trial.platform):
        reason = f"the engine runs {trial.platform}, and that was tried"
        return tuple(CheckResult(check.id, plan.path, Status.SKIPPED, reason=reason) for check in checks)
    return tuple(_result(check.id, plan, partial(check.run, trial)) for check in checks)


def skipped(checks: Iterable[TrialCheck], plan: PlatformPlan, reason: str) -> tuple[CheckResult, ...]:
    """Return the results for a platform of which nothing was tried."""
    reason = plan.current or reason
    return tuple(CheckResult(check.id, plan.path, Status.SKIPPED, reason=reason) for check in checks)


def _result(name: str, plan: PlatformPlan, run: Callable[[], Iterable[Finding]]) -> CheckResult:
    try:
        findings = tuple(run())
    except Exception as error:  # noqa: BLE001  whatever it is, it is a blocker and not the end of the run
        reason = f"{type(error).__name__}: {error}"
        return CheckResult(name, plan.path, Status.CRASHED, (_crashed(name, reason),), reason)
    return CheckResult(name, plan.path, Status.FOUND if findings else Status.PASSED, findings)


def _crashed(name: str, reason: str) -> Finding:
    return Finding(
        name,
        Severity.BLOCKER,
        f"The check {name} failed itself, so what it would have found is unknown: {reason}",
        "Please report this, with the report.json of the run; rebuild the image meanwhile.",
        absolute=True,
    )
