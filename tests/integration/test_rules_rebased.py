"""Every rule of `docker build`, rebased: what comes out is what the builder makes, or it is told why not."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from rebaser.ci.local import Local
from rebaser.commands.base import Surroundings
from rebaser.main import main
from tests.images.engine import Builder
from tests.integration.comparing import differences, same
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.registries import Registry
from tests.integration.rules import RULES
from tests.integration.rules.model import Rule
from tests.integration.rules.rebased import UNTOLD

REPOSITORY = "rules"
PLAIN = [rule for rule in RULES if rule.name not in UNTOLD]
OPEN = [rule for rule in RULES if rule.name in UNTOLD]


@dataclass(frozen=True)
class Put:
    """Puts images of the engine into a registry, each only once."""

    registry: Registry
    _done: set[str] = field(default_factory=set)

    def image(self, image: str) -> str:
        """Answer the image's tag there."""
        tag = image.partition(":")[2]
        if tag not in self._done:
            self.registry.copy(f"docker-daemon:{image}", REPOSITORY, tag)
            self._done.add(tag)
        return tag


@dataclass(frozen=True)
class Trial:
    """Both bases and the application, as tags of one repository, the tag for the result, and what it has to say."""

    registry: Registry
    old: str
    new: str
    app: str
    result: str
    reports: Path
    rebuilt: Mapping[str, Any]

    @property
    def original(self) -> dict[str, Any]:
        return self.registry.config(REPOSITORY, self.app)

    @property
    def rebased(self) -> dict[str, Any]:
        return self.registry.config(REPOSITORY, self.result)

    def rebase(self, *options: str) -> tuple[int, dict[str, Any]]:
        """Rebase the application; answer the exit code and what the report says of it."""
        old, new, app = (self.registry.reference(REPOSITORY, tag) for tag in (self.old, self.new, self.app))
        asked = ("--old-base", old, "--new-base", new, "--tags", self.result, "--report-dir", str(self.reports))
        code = main(
            ["rebase", app, *asked, "--checks", "config", *options],
            Surroundings({}, Local(io.StringIO(), io.StringIO())),
        )
        (image,) = json.loads((self.reports / "report.json").read_text())["images"]
        return code, image


def test_every_rule_that_is_told_of_exists() -> None:
    assert {rule.name for rule in OPEN} == UNTOLD.keys()


@pytest.mark.parametrize("builder", Builder)
@pytest.mark.parametrize("rule", PLAIN, ids=lambda rule: rule.name)
def test_rebased_as_rebuilt(trial: Trial) -> None:
    report = _done(trial)
    assert differences(trial.rebased, trial.rebuilt) == {}
    _assert_patch(trial, report)


@pytest.mark.parametrize("builder", Builder)
@pytest.mark.parametrize("rule", OPEN, ids=lambda rule: rule.name)
def test_told_where_it_cannot_be_as_rebuilt(rule: Rule, trial: Trial) -> None:
    untold = UNTOLD[rule.name]
    report = _refused_then_tolerated(trial, untold.check) if untold.check else _done(trial)
    found = differences(trial.rebased, trial.rebuilt)
    assert found.keys() == untold.differs, found
    assert _conflicts(report) >= untold.conflicts
    assert {finding["subject"] for finding in _findings(report)} >= {subject for _, subject in untold.conflicts}
    _assert_patch(trial, report)


def _done(trial: Trial, *options: str) -> Mapping[str, Any]:
    code, report = trial.rebase(*options)
    assert code == 0, report
    return report


def _refused_then_tolerated(trial: Trial, check: str) -> Mapping[str, Any]:
    code, report = trial.rebase()
    assert (code, report["result"]) == (1, "refused")
    assert {finding["check"] for finding in _findings(report) if finding["severity"] == "blocker"} == {check}
    return _done(trial, "--tolerate", f"{check}: looked at")


def _conflicts(report: Mapping[str, Any]) -> set[tuple[str, str]]:
    (platform,) = report["platforms"]
    return {(told["kind"], "/".join(filter(None, (told["pointer"], told["key"])))) for told in platform["conflicts"]}


def _findings(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    (platform,) = report["platforms"]
    found: list[dict[str, Any]] = platform["findings"]
    return found


def _assert_patch(trial: Trial, report: Mapping[str, Any]) -> None:
    (platform,) = report["platforms"]
    assert same(jsonpatch.apply_patch(trial.original, platform["configPatch"]), trial.rebased)


@pytest.fixture(scope="session")
def put(distribution: Registry) -> Put:
    return Put(distribution)


@pytest.fixture
def trial(rule: Rule, builder: Builder, dockerfiles: Dockerfiles, put: Put, tmp_path: Path) -> Trial:
    bases = dockerfiles.build_all((rule.old, rule.new), builder)
    app, rebuilt = dockerfiles.build_on(bases, rule.app, builder, rule.options)
    old, new = map(put.image, bases)
    result = f"rebased-{builder}-{RULES.index(rule)}"
    return Trial(put.registry, old, new, put.image(app), result, tmp_path / "reports", dockerfiles.config(rebuilt))
