"""Where the trial stands in a run: after everything is stored, before any tag moves, and what follows from it."""

from pathlib import Path
from typing import Any

import pytest

from rebaser.decide import Outcome
from rebaser.errors import TransportError
from rebaser.oci.platform import parse_platform
from rebaser.pipeline import Run, Tools
from rebaser.pipeline import rebase as run_pipeline
from rebaser.request import Policy
from rebaser.transports.docker_engine import Engine, EngineAddress
from rebaser.transports.traffic import Traffic
from rebaser.trial.model import Command
from tests.builders import an_image, an_index
from tests.fakes.containers import Does
from tests.fakes.engine import FakeEngine
from tests.runs import NEW, OLD, World, built_on, outcome

TEST = Command(("/bin/sh", "-c", "app"), "app")


class Trials:
    """A world, an engine beside it, and runs that try their result there."""

    def __init__(self, world: World) -> None:
        self.world, self.fake = world, FakeEngine()
        self.before: str | None = None

    def fill(self, *platforms: str) -> None:
        for name, layers in (("base:1", OLD), ("base:2", NEW)):
            images = [an_image(layers, platform=platform) for platform in platforms]
            self.world.put(name, an_index(images) if len(images) > 1 else images[0])
        apps = [built_on(an_image(OLD, platform=platform), platform=platform) for platform in platforms]
        self.before = self.world.put("app:1", an_index(apps) if len(apps) > 1 else apps[0])

    def run(self, code: int = 0, policy: Policy = Policy(), **wishes: Any) -> Run:  # noqa: ANN401, B008
        self.fake.containers.does = lambda _made: Does(code, b"said\n")
        run = Run(self.world.request("app:1", "base:2", "base:1", smoke_tests=(TEST,), **wishes), policy)
        engine = Engine(EngineAddress(), Traffic(), self.fake.wire)
        run_pipeline(run, Tools(self.world.places, engine=lambda: engine))
        return run

    @property
    def moved(self) -> bool:
        return self.world.digest("app:1") != self.before


@pytest.fixture(params=["registry", "layout"])
def trials(request: pytest.FixtureRequest, tmp_path: Path) -> Trials:
    trials = Trials(World() if request.param == "registry" else World(tmp_path))
    trials.fill("linux/amd64")
    return trials


def statuses(run: Run) -> list[tuple[str, str]]:
    return [(result.status.value, result.reason) for result in run.results if result.check == "smoke-test-failed"]


def test_a_result_that_passes_gets_its_tag(trials: Trials) -> None:
    run = trials.run()
    assert outcome(run) is Outcome.REBASE
    assert trials.moved
    assert statuses(run) == [("passed", "")]
    assert run.trial is not None
    assert run.trial.results[0].output == ("said",)
    assert "try" in run.seconds


def test_a_result_that_fails_is_stored_and_no_tag_moves(trials: Trials) -> None:
    run = trials.run(3)
    assert outcome(run) is Outcome.REFUSE
    assert run.decision is not None
    assert [finding.check for finding in run.decision.blocking] == ["smoke-test-failed"]
    assert not trials.moved
    assert run.document is not None
    assert run.document.digest == trials.before
    assert (run.receipt.moved, run.receipt.kept) == ([], [])


def test_a_failure_that_is_to_be_skipped_is_skipped(trials: Trials) -> None:
    assert outcome(trials.run(3, Policy("skip"))) is Outcome.SKIP
    assert not trials.moved


@pytest.mark.parametrize("policy", [Policy("force"), Policy(tolerate={"smoke-test-failed": "known"})])
def test_a_failure_that_is_accepted_moves_the_tag(trials: Trials, policy: Policy) -> None:
    run = trials.run(3, policy)
    assert outcome(run) is Outcome.REBASE
    assert trials.moved
    assert statuses(run) == [("found", "")]


def test_nothing_to_rebase_asks_for_no_engine(trials: Trials) -> None:
    trials.run()
    trials.fake.asked.clear()
    run = trials.run(3)
    assert outcome(run) is Outcome.UNCHANGED
    assert trials.fake.asked == []
    assert [status for status, _ in statuses(run)] == ["skipped"]


def test_a_dry_run_tries_nothing_and_says_so(trials: Trials) -> None:
    run = trials.run(3, dry_run=True)
    assert outcome(run) is Outcome.REBASE
    assert statuses(run) == [("skipped", "a dry run stores nothing that could be tried")]
    assert trials.fake.asked == []


def test_where_no_platform_can_be_tried_nothing_is_stored(trials: Trials) -> None:
    trials.fake.platform = ("linux", "riscv64")
    before = trials.world.state()
    with pytest.raises(TransportError) as raised:
        trials.run()
    assert raised.value.code == "smoke-test-impossible"
    assert trials.world.state() == before


def test_of_an_index_the_platform_of_the_engine_is_tried_and_the_others_say_so(tmp_path: Path) -> None:
    trials = Trials(World(tmp_path))
    trials.fill("linux/amd64", "linux/arm64")
    trials.fake.platform = ("linux", "aarch64")
    run = trials.run()
    assert outcome(run) is Outcome.REBASE
    assert statuses(run) == [("skipped", "the engine runs linux/arm64, and that was tried"), ("passed", "")]


def test_a_platform_that_stays_as_it_is_is_not_what_is_tried(tmp_path: Path) -> None:
    trials = Trials(World(tmp_path))
    trials.fill("linux/amd64", "linux/arm64")
    with pytest.raises(TransportError, match="what is rebased is for linux/arm64"):
        trials.run(platforms=(parse_platform("linux/arm64"),))
