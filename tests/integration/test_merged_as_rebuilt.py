"""An application that installs packages and trusts an authority of its own: merged, it is what a rebuild gives.

One pair of tests/images/pairs, whose probes open a TLS connection, and ask the loader's cache and the accounts.
"""

import pytest

from tests.images.images import Images
from tests.images.pairs.building import Builds
from tests.images.pairs.hand import HAND_WRITTEN
from tests.images.pairs.model import Truth
from tests.images.pairs.outcome import Outcome, judge, prepared
from tests.images.pairs.verdicts import SAFE
from tests.images.pairs.views import kept_view
from tests.integration.process import Rebaser

(PAIR,) = (pair for pair in HAND_WRITTEN if pair.name == "packages/authorities-and-an-own-one-refreshed")


@pytest.fixture(scope="module")
def outcome(images: Images, rebaser: Rebaser) -> Outcome:
    return judge(PAIR, Builds(images.engine), rebaser)


def test_it_is_safe_to_move_it(outcome: Outcome) -> None:
    assert (outcome.verdict.word, outcome.verdict.because) == (SAFE, ())


def test_its_own_authority_its_account_and_its_libraries_are_found(outcome: Outcome) -> None:
    assert outcome.original.passed, outcome.original.said
    assert outcome.rebased.passed, outcome.rebased.said


def test_every_file_is_that_of_a_rebuild(outcome: Outcome) -> None:
    assert outcome.differences == ()
    assert outcome.truth == Truth.WORKS


def test_the_package_manager_the_loader_and_the_accounts_say_the_same_as_in_a_rebuild(outcome: Outcome) -> None:
    assert outcome.told == ()


def test_the_rebuild_was_asked_all_of_it(outcome: Outcome, images: Images) -> None:
    builds = Builds(images.engine)
    told = kept_view(images.engine, builds.app(PAIR, PAIR.new), prepared(PAIR, builds).layout.parent).told
    assert outcome.rebuilt is not None
    assert told["dpkg --audit"] == ["ends with 0"]
    assert {line.partition(" ")[0] for line in told["dpkg -V"]} == {"missing", "ends"}
    assert [line for line in told["ldconfig -p"] if "libssl.so.3 " in line]
    assert "app:x:4711:4711::/home/app:/bin/sh" in told["getent passwd"]
    assert [lines[-1] for asked, lines in told.items() if asked.startswith("apt-get check")] == ["ends with 0"]
