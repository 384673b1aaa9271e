"""Eight of the pairs of tests/images/pairs, from three trees: what is true of them, and what the rebaser says.

`python -m tests.images.pairs` does all of them.
"""

import pytest

from tests.images.images import Images
from tests.images.pairs.building import Builds
from tests.images.pairs.hand import HAND_WRITTEN
from tests.images.pairs.model import Truth
from tests.images.pairs.outcome import Outcome, judge
from tests.images.pairs.record import as_defined
from tests.images.pairs.verdicts import FAILED, SAFE
from tests.integration.process import Rebaser

CHOSEN = (
    "accounts/added-refreshed",
    "accounts/added-upgraded",
    "accounts/added-when-it-starts",
    "accounts/inherited-and-gone",
    "files/hard-link-to-a-base-file-upgraded",
    "files/script-with-tools-that-stay",
    "places/directory-became-a-link",
    "starting/entrypoint-of-the-base-moved",
)
PAIRS = {pair.name: pair for pair in HAND_WRITTEN}


@pytest.fixture(scope="module", params=CHOSEN)
def outcome(request: pytest.FixtureRequest, images: Images, rebaser: Rebaser) -> Outcome:
    return judge(PAIRS[request.param], Builds(images.engine), rebaser)


def test_the_original_does_what_its_probes_want(outcome: Outcome) -> None:
    assert outcome.original.passed, outcome.original.said


def test_the_truth_is_as_defined(outcome: Outcome) -> None:
    assert as_defined(outcome), (outcome.defined, outcome.truth, outcome.rebased.said, outcome.differences)


def test_nothing_that_breaks_is_called_safe(outcome: Outcome) -> None:
    assert outcome.verdict.word != FAILED, outcome.verdict
    assert (outcome.truth, outcome.verdict.word) != (Truth.BREAKS, SAFE), outcome.rebased.said
