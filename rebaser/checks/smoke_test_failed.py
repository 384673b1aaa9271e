"""What was to be tried in the result does not work there."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, TrialCheck
from rebaser.request import Severity
from rebaser.trial.model import SmokeResult, Trial

_SHOWN = 3  # last lines of its output; the report has more


def _run(trial: Trial) -> Iterable[Finding]:
    for result in trial.failed:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The smoke test {result.test!r} fails in the result on {trial.platform}: {result.failure}{_said(result)}",
            "Look at its output in the report, repair the image or the test, or rebuild the image on the new base.",
            subject=result.test,
            after=[*result.output],
        )


def _said(result: SmokeResult) -> str:
    return f" ({' / '.join(result.output[-_SHOWN:])})" if result.output else ""


CHECK = TrialCheck("smoke-test-failed", "What `smoke-test` names works in the result", _run)
