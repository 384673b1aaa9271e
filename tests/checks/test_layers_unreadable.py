from dataclasses import replace

from rebaser.checks.layers_unreadable import CHECK
from rebaser.request import Severity
from tests.checks.plans import a_plan


def test_layers_that_cannot_be_read_block_and_say_why() -> None:
    (finding,) = CHECK.run(replace(a_plan(), unread="it is encrypted"))
    assert (finding.severity, finding.absolute) == (Severity.BLOCKER, False)
    assert "it is encrypted" in finding.message


def test_layers_that_were_read_are_no_finding() -> None:
    assert list(CHECK.run(a_plan())) == []
