"""The decision, as a table."""

import pytest

from rebaser.checks.base import CheckResult, Finding, Status
from rebaser.decide import Decision, Outcome, decide, decide_again, effective_severity
from rebaser.plan.model import PlatformPlan
from rebaser.request import Policy, Severity
from tests.builders import an_image, as_image
from tests.checks.plans import NEW, a_base, a_plan

NOTE = Finding("note", Severity.NOTE, "a note", "")
WARNING = Finding("config-conflict", Severity.WARNING, "a warning", "")
BLOCKER = Finding("inherited-value", Severity.BLOCKER, "a blocker", "")
ABSOLUTE = Finding("not-descended", Severity.BLOCKER, "no seam", "", absolute=True)
HOPELESS = Finding("platform-changed", Severity.BLOCKER, "other", "", absolute=True, rebuildable=False)
TOLERANT = {"inherited-value": "known", "not-descended": "please", "config-conflict": "agreed"}


@pytest.mark.parametrize(
    ("findings", "policy", "outcome"),
    [
        ([], Policy(), Outcome.REBASE),
        ([NOTE, WARNING], Policy(), Outcome.REBASE),
        ([NOTE], Policy(fail_on=Severity.NOTE), Outcome.REFUSE),
        ([NOTE], Policy(fail_on=Severity.WARNING), Outcome.REBASE),
        ([WARNING], Policy(fail_on=Severity.WARNING), Outcome.REFUSE),
        ([WARNING], Policy(fail_on=Severity.WARNING, tolerate=TOLERANT), Outcome.REBASE),
        ([WARNING], Policy(conflicts_block=True), Outcome.REFUSE),
        ([NOTE], Policy(conflicts_block=True), Outcome.REBASE),
        ([BLOCKER], Policy(), Outcome.REFUSE),
        ([BLOCKER], Policy(tolerate=TOLERANT), Outcome.REBASE),
        ([BLOCKER], Policy(on_incompatible="force"), Outcome.REBASE),
        ([BLOCKER], Policy(on_incompatible="skip"), Outcome.SKIP),
        ([ABSOLUTE], Policy(), Outcome.REFUSE),
        ([ABSOLUTE], Policy(tolerate=TOLERANT), Outcome.REFUSE),
        ([ABSOLUTE], Policy(on_incompatible="force"), Outcome.REFUSE),
        ([ABSOLUTE], Policy(on_incompatible="skip"), Outcome.SKIP),
        ([], Policy(on_incompatible="rebuild"), Outcome.REBASE),
        ([BLOCKER], Policy(on_incompatible="rebuild"), Outcome.REBUILD),
        ([BLOCKER], Policy(on_incompatible="rebuild", tolerate=TOLERANT), Outcome.REBASE),
        ([ABSOLUTE], Policy(on_incompatible="rebuild"), Outcome.REBUILD),
        ([BLOCKER, HOPELESS], Policy(on_incompatible="rebuild"), Outcome.REFUSE),
        ([BLOCKER, ABSOLUTE], Policy(on_incompatible="force", tolerate=TOLERANT), Outcome.REFUSE),
    ],
)
def test_findings_and_policy_decide(findings: list[Finding], policy: Policy, outcome: Outcome) -> None:
    results = [CheckResult("any", (), Status.FOUND, tuple(findings))]
    assert decide([a_plan()], results, policy).outcome is outcome


def test_a_refusal_names_the_findings_that_decided_it_and_no_others() -> None:
    results = [CheckResult("any", (), Status.FOUND, (NOTE, WARNING, BLOCKER))]
    decision = decide([a_plan()], results, Policy())
    assert decision.blocking == (BLOCKER,)
    assert decision.because == "a blocker"


def current() -> PlatformPlan:
    return PlatformPlan((0,), as_image(an_image([NEW])), a_base(an_image([NEW])), current="it is")


def test_an_image_whose_platforms_are_all_current_is_unchanged() -> None:
    assert decide([current(), current()], [], Policy()).outcome is Outcome.UNCHANGED


def test_one_stale_platform_is_enough_to_rebase_and_one_refused_is_enough_to_refuse() -> None:
    assert decide([current(), a_plan()], [], Policy()).outcome is Outcome.REBASE
    refused = [CheckResult("any", (1,), Status.FOUND, (BLOCKER,))]
    assert decide([current(), a_plan()], refused, Policy()).outcome is Outcome.REFUSE


def test_only_conflicts_that_are_warnings_are_raised() -> None:
    policy = Policy(conflicts_block=True)
    assert effective_severity(WARNING, policy) is Severity.BLOCKER
    assert effective_severity(NOTE, policy) is Severity.NOTE
    assert effective_severity(WARNING, Policy()) is Severity.WARNING


def test_what_passes_its_trial_stays_decided() -> None:
    before = Decision(Outcome.REBUILD, "a library is gone", (BLOCKER,))
    assert decide_again(before, Decision(Outcome.REBASE, "nothing stands in the way")) is before


@pytest.mark.parametrize(
    ("before", "trial", "after"),
    [
        (Outcome.REBASE, Outcome.REBUILD, Outcome.REBUILD),
        (Outcome.REBASE, Outcome.REFUSE, Outcome.REFUSE),
        (Outcome.REBASE, Outcome.REBASE, Outcome.REBASE),
        (Outcome.REBUILD, Outcome.REBUILD, Outcome.REFUSE),
    ],
)
def test_what_fails_its_trial_is_decided_anew_and_built_once_at_most(
    before: Outcome, trial: Outcome, after: Outcome
) -> None:
    decided = decide_again(Decision(before, "x"), Decision(trial, "it failed", (BLOCKER,)))
    assert (decided.outcome, decided.because, decided.blocking) == (after, "it failed", (BLOCKER,))
