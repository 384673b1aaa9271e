"""How tests of the result, and a comparison with a rebuild, are shown."""

from rebaser.oci.platform import Platform
from rebaser.report import model
from rebaser.report.build import Facts, image_report
from rebaser.report.markdown import summary
from rebaser.report.text import render
from rebaser.request import Policy
from rebaser.trial.model import SmokeResult, Trial
from tests.report.reports import NEW, image

PASSED = model.SmokeTestEntry(
    platform="linux/amd64", test="true", exitCode=0, failure="", output=["quiet"], seconds=0.04
)
FAILED = model.SmokeTestEntry(
    platform="linux/amd64", test="shop -t", exitCode=1, failure="it ended with 1", output=["no <locale>"], seconds=2.26
)
DIFFERENCE = model.DifferenceEntry(
    kind="file", change="content", subject="/srv/app", before="file", after="file", expected=""
)
VERIFY = model.VerifyEntry(
    rebased=NEW,
    platforms=[
        model.VerifiedPlatform(
            platform="linux/amd64",
            config=1,
            packages=0,
            files=2,
            expected=2,
            unexpected=1,
            differences=[
                DIFFERENCE,
                DIFFERENCE.model_copy(update={"subject": "/var/log/x", "expected": "a log"}),
            ],
        )
    ],
)


def test_the_text_tells_what_passed_and_shows_what_failed() -> None:
    lines = render(image("refused", smokeTests=[PASSED, FAILED])).splitlines()
    assert "  smoke test on linux/amd64: true: passed (0.0 s)" in lines
    at = lines.index("  smoke test on linux/amd64: shop -t: failed: it ended with 1 (2.3 s)")
    assert lines[at + 1] == "    | no <locale>"
    assert "    | quiet" not in lines


def test_the_text_counts_what_differs_from_a_rebuild() -> None:
    told = render(image("rebased", verify=VERIFY))
    assert "against a rebuild on linux/amd64: 1 in the config, 0 packages, 2 files; 1 not expected" in told


def test_the_summary_shows_output_of_what_failed_only() -> None:
    told = summary(image("refused", smokeTests=[PASSED, FAILED]))
    assert "| <code>shop -t</code> | failed: it ended with 1 | 2.3 s |" in told
    assert "- <code>no &#60;locale&#62;</code>" in told
    assert "quiet" not in told


def test_the_summary_names_what_nobody_expects() -> None:
    told = summary(image("rebased", verify=VERIFY))
    assert "| linux/amd64 | 1 | 0 | 2 | 1 |" in told
    assert "<code>/srv/app</code>" in told
    assert "/var/log/x" not in told


def test_a_report_has_every_test_that_ran() -> None:
    results = (SmokeResult("true", 0, ("a",), 0.12345), SmokeResult("x", None, (), 60.0, "it was ended"))
    facts = Facts("a", None, None, None, Policy(), dry_run=False, trial=Trial(Platform("linux", "amd64"), results))
    first, second = image_report(facts).smokeTests
    assert (first.test, first.exitCode, first.output, first.seconds, first.failure) == ("true", 0, ["a"], 0.123, "")
    assert (second.platform, second.exitCode, second.failure) == ("linux/amd64", None, "it was ended")
