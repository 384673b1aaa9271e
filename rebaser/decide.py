"""What to do: the one function that turns plans, findings and the user's policy into a decision."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rebaser.checks.base import CheckResult, Finding
from rebaser.plan.model import PlatformPlan
from rebaser.request import Policy, Severity


class Outcome(StrEnum):
    """What is to be done."""

    UNCHANGED = "unchanged"
    REBASE = "rebase"
    REBUILD = "rebuild"
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, in words why, and the findings that stood in the way."""

    outcome: Outcome
    because: str
    blocking: tuple[Finding, ...] = ()


def decide(plans: Sequence[PlatformPlan], results: Iterable[CheckResult], policy: Policy) -> Decision:
    """Return the decision for an image; its platforms move together or not at all."""
    if all(plan.current for plan in plans):
        return Decision(Outcome.UNCHANGED, plans[0].current)
    findings = [finding for result in results for finding in result.findings]
    blocking = tuple(finding for finding in findings if _blocks(finding, policy))
    if not blocking:
        return Decision(Outcome.REBASE, "nothing stands in the way" if not findings else "no finding reaches `fail-on`")
    said = "; ".join(dict.fromkeys(finding.message for finding in blocking))
    if policy.on_incompatible == "skip":
        return Decision(Outcome.SKIP, said, blocking)
    if policy.on_incompatible == "force" and not any(finding.absolute for finding in blocking):
        return Decision(Outcome.REBASE, f"forced, although: {said}", blocking)
    if policy.on_incompatible == "rebuild" and all(finding.rebuildable for finding in blocking):
        return Decision(Outcome.REBUILD, said, blocking)
    return Decision(Outcome.REFUSE, said, blocking)


def decide_again(before: Decision, trial: Decision) -> Decision:
    """Return the decision for a result that was tried; what was already rebuilt and fails is refused."""
    if not trial.blocking:
        return before
    blocking = (*before.blocking, *trial.blocking)
    if before.outcome is Outcome.REBUILD and trial.outcome is not Outcome.REBASE:
        return Decision(Outcome.REFUSE, trial.because, blocking)
    return Decision(trial.outcome, trial.because, blocking)


def effective_severity(finding: Finding, policy: Policy) -> Severity:
    """Return the severity as the policy has it: `on-conflict: fail` makes blockers of conflicts that are warnings."""
    raised = policy.conflicts_block and finding.check == "config-conflict" and finding.severity is Severity.WARNING
    return Severity.BLOCKER if raised else finding.severity


def _blocks(finding: Finding, policy: Policy) -> bool:
    if finding.absolute:
        return True
    return effective_severity(finding, policy) >= policy.fail_on and finding.check not in policy.tolerate
