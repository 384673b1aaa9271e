"""What an image is built on, told without writing anything."""

import json

import pytest

from rebaser.errors import ImageNotFound
from rebaser.inspection import Inspection, inspect
from tests.builders import AnImage, AnIndex, an_image, an_index
from tests.runs import NEW, OLD, World, built_on, layers_of, material, provenance, recorded

NAME = "registry.test/base:12"
OLD_BASE, NEW_BASE = an_image(OLD), an_image(NEW)
RECORD = recorded(NAME, OLD_BASE.digest)


@pytest.fixture
def world() -> World:
    world = World()
    world.put("base:12", OLD_BASE)
    world.put("base:12", NEW_BASE)
    return world


def inspected(world: World, app: AnImage | AnIndex, new: str | None = None, old: str | None = None) -> Inspection:
    world.put("app:1", app)
    state = world.state()
    found = inspect(world.request("app:1", new, old), world.connect())
    assert world.state() == state
    return found


def test_a_stale_image(world: World) -> None:
    (facts,) = inspected(world, built_on(OLD_BASE, annotations=RECORD)).platforms
    assert facts.seam is not None
    assert (facts.platform, facts.layers, facts.seam.layers) == ("linux/amd64", 4, 2)
    assert (facts.stale, facts.newest_digest) == (True, NEW_BASE.digest)
    assert str(facts.newest) == NAME


@pytest.mark.parametrize("noted", [True, False])
def test_a_current_image(world: World, noted: bool) -> None:
    app = built_on(NEW_BASE, annotations=recorded(NAME, NEW_BASE.digest if noted else None))
    (facts,) = inspected(world, app).platforms
    assert facts.stale is False
    assert facts.base is not None
    assert facts.base.found == "annotation"


def test_an_image_that_says_nothing(world: World) -> None:
    (facts,) = inspected(world, an_image(OLD)).platforms
    assert (facts.base, facts.seam, facts.newest, facts.stale) == (None, None, None, None)
    assert "no name is known" in facts.why


def test_a_named_new_base_tells_whether_an_unknown_image_is_stale(world: World) -> None:
    assert inspected(world, built_on(OLD_BASE), new="base:12").platforms[0].stale is True
    assert inspected(world, built_on(NEW_BASE), new="base:12").platforms[0].stale is False


def test_a_named_old_base_that_does_not_fit_is_told(world: World) -> None:
    (facts,) = inspected(world, built_on(NEW_BASE), old=f"base@{OLD_BASE.digest}").platforms
    assert facts.seam is None
    assert facts.rejected == ("only 0 of its 2 layers begin the image",)


def test_a_base_that_is_gone_is_told(world: World) -> None:
    world.fake.repository("base").manifests.pop(OLD_BASE.digest)
    (facts,) = inspected(world, built_on(OLD_BASE, annotations=RECORD)).platforms
    assert facts.base is None
    assert any("which is not there" in text for text in facts.rejected)


def test_a_name_that_leads_nowhere_any_more_is_told(world: World) -> None:
    told = recorded("registry.test/base:gone", OLD_BASE.digest)
    (facts,) = inspected(world, built_on(OLD_BASE, annotations=told)).platforms
    assert facts.base is not None
    assert facts.stale is None
    assert "base:gone" in facts.why


def test_a_base_known_from_provenance(world: World) -> None:
    app = built_on(OLD_BASE)
    stated = provenance(app, material("registry.test/base@12", OLD_BASE.digest))
    (facts,) = inspected(world, an_index([app, stated])).platforms
    assert facts.base is not None
    assert (facts.base.found, facts.stale) == ("provenance", True)


def test_every_platform_is_told(world: World) -> None:
    arm = an_image(layers_of("arm"), platform="linux/arm64")
    found = inspected(world, an_index([built_on(OLD_BASE, annotations=RECORD), arm]))
    assert [facts.platform for facts in found.platforms] == ["linux/amd64", "linux/arm64"]


def test_an_image_that_is_not_there(world: World) -> None:
    with pytest.raises(ImageNotFound):
        inspect(world.request("app:gone"), world.places)


def test_as_json(world: World) -> None:
    app = built_on(OLD_BASE, annotations=RECORD)
    told = json.loads(json.dumps(inspected(world, app).as_json()))
    assert told["image"] == f"registry.test/app:1@{app.digest}"
    (platform,) = told["platforms"]
    assert platform == {
        "platform": "linux/amd64",
        "layers": 4,
        "base": {"name": NAME, "digest": OLD_BASE.digest, "found": "annotation"},
        "baseLayers": 2,
        "newest": NAME,
        "newestDigest": NEW_BASE.digest,
        "stale": True,
        "why": "the name means another image now",
        "rejected": [],
    }


def test_as_text(world: World) -> None:
    text = inspected(world, built_on(OLD_BASE, annotations=RECORD)).as_text()
    assert "layers: 2 of the base, 2 of the application" in text
    assert "stale: yes, the name means another image now" in text


def test_text_of_scratch_and_of_an_unknown_base(world: World) -> None:
    assert "base: scratch" in inspected(world, an_image(OLD, annotations=recorded("scratch"))).as_text()
    assert "base: not known; 2 layers in all" in inspected(world, an_image(OLD)).as_text()
