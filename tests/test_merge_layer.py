"""Whole runs in which a layer on top puts right what both sides changed."""

import pytest

from rebaser.decide import Outcome
from rebaser.layers.filesystem import stack
from rebaser.layers.index import index_layer
from rebaser.transports.base import read_blob
from tests.builders import AFile, FileInTar, a_layer, an_image, buildkit
from tests.runs import World, built_on, outcome, refused

ROOT = "root:x:0:0:root:/root:/bin/sh\n"
APP = "app:x:1000:1000::/home/app:/bin/sh\n"


def base(number: int) -> dict[str, FileInTar]:
    return {
        "etc/passwd": ROOT + "".join(f"sys{n}:x:{n}:{n}::/:/bin/false\n" for n in range(1, number + 1)),
        "etc/setting": f"one\ntwo {number}\nthree\nfour\nfive\n",
        "lib/copied": AFile(f"content {number}", 0o644),
    }


OWN: dict[str, FileInTar] = {
    "etc/passwd": ROOT + "sys1:x:1:1::/:/bin/false\n" + APP,
    "etc/setting": "one\ntwo 1\nthree\nfour\nfive of the app\n",
    "lib/copied": AFile("content 1", 0o600),
}


STEP = [buildkit("RUN useradd app")]


@pytest.fixture
def world() -> World:
    made = World()
    bases = {number: an_image([a_layer(base(number))]) for number in (1, 2, 3)}
    for number, image in bases.items():
        made.put(f"base:{number}", image)
    made.put("app:1", built_on(bases[1], [a_layer(OWN)], history=STEP))
    return made


def contents(world: World, short: str) -> dict[str, tuple[bytes, int]]:
    image, store = world.image(short), world.store(short)
    layers = [index_layer([read_blob(store, one.descriptor, 1 << 20)], one.diff_id) for one in image.layers]
    nodes = stack(layers).nodes
    return {path: (node.entry.content, node.entry.mode) for path, node in nodes.items() if node.entry.content}


def test_what_both_sides_changed_is_as_a_rebuild_would_have_it(world: World) -> None:
    run = world.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")
    assert outcome(run) is Outcome.REBASE
    made = run.plans[0].draft
    assert made is not None
    assert made.top is not None
    told = {repair.path: (repair.action.value, repair.content.decode()) for repair in made.top.repairs}
    assert told == {
        "etc/passwd": ("merged", ROOT + "sys1:x:1:1::/:/bin/false\nsys2:x:2:2::/:/bin/false\n" + APP),
        "etc/setting": ("merged", "one\ntwo 2\nthree\nfour\nfive of the app\n"),
        "lib/copied": ("taken", "content 2"),
    }
    assert contents(world, "app:2")["lib/copied"][1] == 0o600


def test_two_updates_come_to_the_same_as_one(world: World) -> None:
    world.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")
    world.rebase("app:2", "base:3", "base:2", ["app:3"], checks="all")
    world.rebase("app:1", "base:3", "base:1", ["app:direct"], checks="all")
    assert contents(world, "app:3") == contents(world, "app:direct")
    assert len(world.image("app:3").layers) == 3
    assert world.image("app:3").diff_ids == world.image("app:direct").diff_ids


def test_one_line_changed_by_both_stands_in_the_way(world: World) -> None:
    own = a_layer({"etc/setting": "one\nmine\nthree\nfour\nfive\n"})
    world.put("app:1", built_on(an_image([a_layer(base(1))]), [own], history=STEP))
    assert refused(world.rebase("app:1", "base:2", "base:1", checks="all")) == ["merge-conflict"]


def test_without_the_layer_such_files_are_findings(world: World) -> None:
    run = world.rebase("app:1", "base:2", "base:1", checks="all", merge_layer=False)
    assert "copied-up-file" in refused(run)
