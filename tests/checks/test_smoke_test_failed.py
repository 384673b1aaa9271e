from rebaser.checks.smoke_test_failed import CHECK
from rebaser.oci.platform import Platform
from rebaser.request import Severity
from rebaser.trial.model import SmokeResult, Trial

AMD64 = Platform("linux", "amd64")


def test_a_test_that_fails_blocks_and_shows_the_end_of_its_output() -> None:
    failed = SmokeResult("shop --selftest", 1, ("a", "b", "c", "no such locale"), 0.1, "it ended with 1")
    (finding,) = CHECK.run(Trial(AMD64, (failed,)))
    assert (finding.severity, finding.absolute, finding.subject) == (Severity.BLOCKER, False, "shop --selftest")
    assert finding.message == (
        "The smoke test 'shop --selftest' fails in the result on linux/amd64: it ended with 1 (b / c / no such locale)"
    )
    assert finding.after == ["a", "b", "c", "no such locale"]


def test_a_failure_without_output_is_told_without_it() -> None:
    (finding,) = CHECK.run(Trial(AMD64, (SmokeResult("x", None, (), 0.0, "/srv is not there"),)))
    assert finding.message.endswith("on linux/amd64: /srv is not there")


def test_tests_that_pass_are_no_finding() -> None:
    assert list(CHECK.run(Trial(AMD64, (SmokeResult("x", 0, ("fine",), 0.1),)))) == []
