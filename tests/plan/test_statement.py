"""What is stated of a rebase: every member that the specifications want, and nothing that an image chose freely."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from rebaser.decide import Outcome
from rebaser.oci.reference import parse_reference
from rebaser.plan.model import PlatformPlan
from rebaser.plan.statement import Made, findings_listed, statement
from rebaser.request import LOCAL_MAKER, Maker, Policy, Request
from tests.builders import an_image, an_index
from tests.injection import CORPUS
from tests.plan.slsa import STATEMENT_SCHEMA
from tests.runs import NEW, OLD, World, built_on, outcome, provenance, recorded

OLD_BASE, NEW_BASE = an_image(OLD), an_image(NEW)
FINDINGS = findings_listed(())


def world_of_one() -> World:
    world = World()
    world.put("base:1", OLD_BASE)
    world.put("base:2", NEW_BASE)
    world.put("app:1", built_on(OLD_BASE))
    return world


def stated(world: World, image: str = "app:1", new: str = "base:2", **wishes: Any) -> dict[str, Any]:  # noqa: ANN401
    """What a dry run of `image` would state."""
    run = world.run(world.request(image, new, "base:1", dry_run=True, **wishes))
    assert outcome(run) is Outcome.REBASE
    assert run.trail is not None
    told: dict[str, Any] = json.loads(run.trail.files["provenance.json"])
    jsonschema.validate(told, STATEMENT_SCHEMA)
    return told


def dependencies(told: dict[str, Any]) -> list[tuple[str, str]]:
    found = told["predicate"]["buildDefinition"]["resolvedDependencies"]
    return [(one["name"], f"sha256:{one['digest']['sha256']}") for one in found]


def test_it_tells_the_result_what_it_is_made_of_and_what_was_asked_for() -> None:
    world = world_of_one()
    told = stated(world)
    run = world.run(world.request("app:1", "base:2", "base:1", dry_run=True))
    assert run.document is not None
    (subject,) = told["subject"]
    assert subject == {"name": "registry.test/app", "digest": {"sha256": run.document.digest[7:]}}
    assert dependencies(told) == [
        ("original", built_on(OLD_BASE).digest),
        ("old-base", OLD_BASE.digest),
        ("new-base", NEW_BASE.digest),
    ]
    definition = told["predicate"]["buildDefinition"]
    assert definition["buildType"] == "https://rebaser.github.io/build-types/rebase/v1"
    assert definition["externalParameters"] == {
        "image": "registry.test/app:1",
        "new-base": "registry.test/base:2",
        "old-base": "registry.test/base:1",
        "tags": ["registry.test/app:1"],
        "on-incompatible": "fail",
        "on-conflict": "app",
        "fail-on": "blocker",
        "checks": "config",
        "merge-layer": True,
        "manifest-format": "oci",
    }
    original = definition["resolvedDependencies"][0]
    assert original["uri"] == (
        f"pkg:oci/app@sha256%3A{built_on(OLD_BASE).digest[7:]}?repository_url=registry.test/app&tag=1"
    )


def test_it_is_the_same_every_time() -> None:
    assert stated(world_of_one()) == stated(world_of_one())


def test_it_names_every_image_of_an_index_with_its_platform() -> None:
    arm_old, arm_new = an_image(OLD, platform="linux/arm64"), an_image(NEW, platform="linux/arm64")
    world = World()
    world.put("base:1", old := an_index([OLD_BASE, arm_old]))
    world.put("base:2", an_index([NEW_BASE, arm_new]))
    app, arm = built_on(OLD_BASE), built_on(arm_old)
    world.put("app:1", whole := an_index([app, provenance(app), arm]))
    told = stated(world)
    assert len(told["subject"]) == 3
    attested = next(entry.digest for entry in world.index("app:1").view.manifests if entry.is_attestation)
    listed = dependencies(told)
    assert listed[0] == ("original", whole.digest)
    assert {("original", app.digest), ("original", arm.digest), ("original-provenance", attested)} <= set(listed)
    assert {digest for name, digest in listed if name == "old-base"} == {old.digest, OLD_BASE.digest, arm_old.digest}
    platforms = {
        one.get("annotations", {}).get("platform")
        for one in told["predicate"]["buildDefinition"]["resolvedDependencies"]
    }
    assert platforms == {None, "linux/amd64", "linux/arm64"}


@pytest.fixture(scope="module")
def plan() -> PlatformPlan:
    world = world_of_one()
    (only,) = world.run(world.request("app:1", "base:2", "base:1", dry_run=True)).plans
    return only


def made_of(plans: tuple[PlatformPlan, ...]) -> Made:
    image = parse_reference(f"registry.test/app:1@{built_on(OLD_BASE).digest}")
    return Made(image, (NEW_BASE.digest,), (image.repository,), plans, FINDINGS.digest)


@pytest.mark.parametrize("text", CORPUS)
def test_nothing_that_an_image_says_freely_is_in_it(text: str, plan: PlatformPlan) -> None:
    other = replace(plan.original, platform=replace(plan.original.platform, architecture=text, variant=text))
    made = made_of((replace(plan, original=other),))
    told = json.loads(statement(made, Request(made.original), Policy(), LOCAL_MAKER).content)
    jsonschema.validate(told, STATEMENT_SCHEMA)
    listed = told["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert [one.get("annotations") for one in listed] == [None, None, None]


def test_reasons_of_people_and_paths_of_a_machine_stay_where_they_are() -> None:
    made = made_of(())
    request = Request(parse_reference("oci:/home/somebody/images/shop:1"), tags=None)
    policy = Policy(tolerate={"old-base-gone": "the key is hunter2"})
    content = statement(made, request, policy, LOCAL_MAKER).content.decode()
    assert "hunter2" not in content
    assert "somebody" not in content
    parameters = json.loads(content)["predicate"]["buildDefinition"]["externalParameters"]
    assert parameters["image"] == "oci:shop:1"
    assert parameters["tolerate"] == ["old-base-gone"]
    assert "tags" not in parameters


def test_the_builder_and_its_run_are_those_of_the_service() -> None:
    made = made_of(())
    maker = Maker("https://ci.test/shop/workflow@main", "https://ci.test/shop/runs/7")
    told = json.loads(statement(made, Request(made.original), Policy(), maker).content)
    details = told["predicate"]["runDetails"]
    assert details["builder"]["id"] == "https://ci.test/shop/workflow@main"
    assert details["metadata"] == {"invocationId": "https://ci.test/shop/runs/7"}
    assert details["byproducts"] == [
        {"name": "findings", "digest": {"sha256": FINDINGS.digest[7:]}, "mediaType": "application/json"}
    ]
    alone = json.loads(statement(made, Request(made.original), Policy(), LOCAL_MAKER).content)
    assert "metadata" not in alone["predicate"]["runDetails"]


def test_a_base_that_is_scratch_is_no_dependency() -> None:
    world = World()
    world.put("base:2", NEW_BASE)
    world.put("app:1", an_image(OLD, annotations=recorded("scratch")))
    run = world.run(world.request("app:1", "base:2", dry_run=True))
    assert run.trail is not None
    told = json.loads(run.trail.files["provenance.json"])
    assert [name for name, _ in dependencies(told)] == ["original", "new-base"]
