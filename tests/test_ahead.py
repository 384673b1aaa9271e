"""What is done ahead: how many requests it takes in all, what it writes and what it never writes."""

import pytest

from rebaser.decide import Outcome
from rebaser.request import Policy
from tests.builders import an_image, an_index
from tests.runs import NEW, OLD, OWN, World, built_on, layers_of, outcome, recorded, refused

BASE_1, BASE_2 = an_image(OLD, env=["V=1"]), an_image(NEW, env=["V=2"])
PLATFORMS = ("linux/amd64", "linux/arm64", "linux/s390x")


@pytest.fixture
def world() -> World:
    world = World()
    world.put("base:1", BASE_1)
    world.put("base:2", BASE_2)
    world.put("app:1", built_on(BASE_1))
    return world


def asked(world: World) -> list[str]:
    return [line.replace("https://registry.test/v2/", "").partition("?")[0] for line in world.fake.wire.lines]


def count(world: World, image: str = "app:1", old: str | None = "base:1", **more: object) -> int:
    world.fake.wire.forget()
    world.run(world.request(image, "base:2", old, **more), places=world.connect())  # type: ignore[arg-type]
    return len(world.fake.wire.lines)


def test_one_platform_from_another_repository(world: World) -> None:
    """Three manifests, three configs, mounts, upload and config, manifest, read back, a look, the tag."""
    assert count(world) == 3 + 3 + len(NEW) + 2 + 1 + 1 + 1 + 1
    assert not [line for line in asked(world) if line.startswith("HEAD app/blobs")]


def test_no_byte_goes_over_the_wire_twice(world: World) -> None:
    """Down: three manifests, three configs, and the new manifest read back. Up: the new config, the manifest twice."""
    before, app = (world.traffic.bytes_down, world.traffic.bytes_up), built_on(BASE_1)
    count(world)
    result, config = world.manifest("app:1").document, world.image("app:1").config.document
    counted = (world.traffic.bytes_down - before[0], world.traffic.bytes_up - before[1])
    read = sum(len(image.content) + len(image.config) for image in (app, BASE_1, BASE_2))
    looked_at_here = result.size + result.size + config.size
    assert counted == (read + result.size + looked_at_here, config.size + 2 * result.size)


def test_one_platform_in_one_repository_mounts_nothing(world: World) -> None:
    for tag, image in (("old", BASE_1), ("new", BASE_2)):
        world.put(f"app:{tag}", image)
    world.fake.wire.forget()
    world.run(world.request("app:1", "app:new", "app:old"), places=world.connect())
    assert len(world.fake.wire.lines) == 3 + 3 + 2 + 1 + 1 + 1 + 1


def test_a_result_in_a_third_repository_gets_its_own_layers_mounted_and_not_those_of_the_old_base(world: World) -> None:
    assert count(world, tags=["third:1"]) == 4 + 3 + len(NEW) + len(OWN) + 2 + 1 + 1 + 1 + 1
    mounted = [line.partition("mount=")[2][:71] for line in world.writes if "mount=" in line]
    assert sorted(mounted) == sorted(layer.digest.replace(":", "%3A")[:71] for layer in (*NEW, *OWN))


def test_an_index_of_any_number_of_platforms(world: World) -> None:
    old, new, app = [], [], []
    for platform in PLATFORMS:
        base = an_image(layers_of(f"{platform}-1"), platform=platform)
        old.append(base)
        new.append(an_image(layers_of(f"{platform}-2"), platform=platform, env=["V=2"]))
        app.append(built_on(base, layers_of(f"{platform}-own")))
    for name, images in (("base:1", old), ("base:2", new), ("app:1", app)):
        world.put(name, an_index(images))
    n = len(PLATFORMS)
    assert count(world) == 3 + 3 * n + 3 * n + n + 2 * n + (n + 1) + (n + 1) + 1 + 1


def test_an_image_that_names_its_base(world: World) -> None:
    noted = built_on(BASE_1, manifest_members={"annotations": recorded("registry.test/base:2", BASE_1.digest)})
    world.put("app:1", noted)
    assert count(world, old=None) == 3 + 3 + len(NEW) + 2 + 1 + 1 + 1 + 1


def test_an_unchanged_image_costs_four_reads_and_a_look(world: World) -> None:
    world.run(world.request("app:1", "base:2", "base:1"), places=world.connect())
    assert count(world, old=None) == 5
    assert world.writes == []


def test_a_dry_run_prepares_nothing(world: World) -> None:
    before = world.writes
    count(world, dry_run=True)
    assert [line for line in world.writes if line not in before] == []


def test_a_refused_image_gives_back_what_was_opened_for_it(world: World) -> None:
    world.put("base:2", an_image(NEW, config={"OnBuild": ["RUN x"]}))
    world.fake.wire.forget()
    run = world.run(world.request("app:1", "base:2", "base:1"), places=world.connect())
    assert refused(run) == ["onbuild-changed"]
    assert world.pushed == []
    opened = [line for line in world.writes if line.startswith("POST") and "mount=" not in line]
    given_back = [line for line in world.writes if line.startswith("DELETE")]
    assert len(opened) == len(given_back) <= 1


def test_an_image_that_does_not_stand_on_the_old_base_gets_nothing_mounted(world: World) -> None:
    world.put("app:1", an_image(OWN))
    world.fake.wire.forget()
    run = world.run(world.request("app:1", "base:2", "base:1"), places=world.connect())
    assert refused(run) == ["not-descended"]
    assert world.writes == []


def test_bases_that_cannot_be_read_ahead_are_told_by_whoever_needs_them(world: World) -> None:
    run = world.run(world.request("app:1", "base:2", "base:1"), Policy(), world.connect())
    assert outcome(run) is Outcome.REBASE
    with pytest.raises(Exception, match="base:absent"):
        world.run(world.request("app:1", "base:absent", "base:1"), places=world.connect())
