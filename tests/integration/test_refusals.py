"""What may not be rebased: refused, with nothing moved; and what it gives when that is tolerated."""

from dataclasses import dataclass

import pytest

from tests.images.engine import Builder, Engine
from tests.integration.comparing import differences
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.process import Rebaser
from tests.integration.registries import Registry


@dataclass(frozen=True)
class Refusal:
    """An application that depends on what the two bases hold differently.

    `kept` is what a tolerated rebase leaves as it was, other than a rebuild; `says` what it prints when it is run.
    """

    name: str
    why: str
    old: str
    new: str
    app: str
    check: str
    subject: str
    says: str
    kept: frozenset[str]


REFUSALS = (
    Refusal(
        "a file beside which it is started",
        "the file lies in the old base's directory, and would be looked for in the new one's",
        old="WORKDIR /old",
        new="WORKDIR /new",
        app='COPY a.txt note\nCMD ["cat", "note"]',
        check="inherited-value",
        subject="/config/WorkingDir",
        says="a.txt",
        kept=frozenset({"config.WorkingDir"}),
    ),
    Refusal(
        "a file made before a directory of its own",
        "the file lies in the old base's directory, though the application is started elsewhere",
        old="WORKDIR /old",
        new="WORKDIR /new",
        app='RUN echo made > note\nWORKDIR /own\nCMD ["cat", "/old/note"]',
        check="inherited-value",
        subject="/config/WorkingDir",
        says="made\n",
        kept=frozenset(),
    ),
    Refusal(
        "a file of the base's user",
        "the file belongs to the old base's user, and the new base's would be another",
        old="COPY --chown=1000:1000 dir /data\nUSER app",
        new="COPY --chown=33:33 dir /data\nUSER 33",
        app='RUN touch /data/note\nCMD ["id", "-u"]',
        check="inherited-value",
        subject="/config/User",
        says="1000\n",
        kept=frozenset({"config.User"}),
    ),
    Refusal(
        "an application that would become root",
        "it has no layers of its own, yet runs as a user and would run as root",
        old="USER app",
        new="",
        app='CMD ["id", "-u"]',
        check="inherited-value",
        subject="/config/User",
        says="1000\n",
        kept=frozenset({"config.User"}),
    ),
    Refusal(
        "triggers of the base",
        "what the old base's triggers made is in the application's layers, what the new base's would make is not",
        old="ONBUILD RUN echo old > /made",
        new="ONBUILD RUN echo new > /made",
        app='CMD ["cat", "/made"]',
        check="onbuild-changed",
        subject="/config/OnBuild",
        says="old\n",
        kept=frozenset(),
    ),
)


@dataclass(frozen=True)
class Case:
    """One of them, built and pushed."""

    refusal: Refusal
    builder: Builder
    repository: str
    request: tuple[str, ...]


@pytest.fixture(scope="module", params=REFUSALS, ids=lambda refusal: refusal.name)
def refusal(request: pytest.FixtureRequest) -> Refusal:
    found: Refusal = request.param
    return found


@pytest.fixture(scope="module", params=Builder)
def case(request: pytest.FixtureRequest, refusal: Refusal, dockerfiles: Dockerfiles, distribution: Registry) -> Case:
    builder: Builder = request.param
    repository = f"refusals/{builder}/{REFUSALS.index(refusal)}"
    old, new = dockerfiles.build_all((refusal.old, refusal.new), builder)
    bases = [distribution.push(base, repository, name) for base, name in ((old, "old"), (new, "new"))]
    image = distribution.push(dockerfiles.build(refusal.app, builder, old), repository)
    return Case(refusal, builder, repository, (image, "--old-base", bases[0], "--new-base", bases[1]))


def test_it_is_refused_and_nothing_moves(case: Case, rebaser: Rebaser, distribution: Registry) -> None:
    before, tags = distribution.digest(case.repository), distribution.tags(case.repository)
    told = rebaser.rebase(*case.request)
    assert (told.code, told.report["result"], told.report["changed"]) == (1, "refused", False)
    assert told.findings("blocker") == {(case.refusal.check, case.refusal.subject)}
    assert case.refusal.check in told.out
    assert told.report["digest"] == before
    assert (told.report["traffic"]["bytesUp"], told.report["traffic"]["blobs"]) == (0, {})
    assert (distribution.digest(case.repository), distribution.tags(case.repository)) == (before, tags)


def test_tolerated_it_keeps_what_it_was_built_under(
    case: Case, rebaser: Rebaser, distribution: Registry, dockerfiles: Dockerfiles, engine: Engine
) -> None:
    rebuilt = dockerfiles.build(case.refusal.app, case.builder, dockerfiles.build(case.refusal.new, case.builder))
    before = distribution.config(case.repository)
    told = rebaser.rebase(*case.request, "--tolerate", f"{case.refusal.check}: looked at")
    assert told.code == 0, told.everything
    assert [entry["tolerated"] for entry in told.platform["findings"] if entry["check"] == case.refusal.check] == [
        "looked at"
    ]
    after = distribution.config(case.repository)
    found = differences(after, dockerfiles.config(rebuilt))
    assert found.keys() == case.refusal.kept
    assert not found.keys() & differences(after, before).keys()
    with distribution.pulled(distribution.reference(case.repository)) as pulled:
        assert engine.run("run", "--rm", "--network=none", pulled) == case.refusal.says
