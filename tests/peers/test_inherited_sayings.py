"""What an image says of its base may be its base's own words; none of these may end in layers lost or doubled."""

import pytest

from rebaser.decide import Outcome
from rebaser.errors import TransportError
from tests.builders import AnImage, a_layer, an_image
from tests.fakes.wire import Told
from tests.interventions import answering, asks
from tests.runs import World, built_on, outcome, recorded

DEBIAN, DEBIAN_2, PYTHON, PYTHON_2, APP = (a_layer({"made": name}) for name in ("deb1", "deb2", "py1", "py2", "app"))
OLD_DEBIAN, NEW_DEBIAN = an_image([DEBIAN]), an_image([DEBIAN_2])
SAYS_DEBIAN = recorded("registry.test/deb:12", OLD_DEBIAN.digest)
OLD_PYTHON = an_image([DEBIAN, PYTHON], labels=SAYS_DEBIAN)
NEW_PYTHON = an_image([DEBIAN_2, PYTHON_2], labels=recorded("registry.test/deb:12", NEW_DEBIAN.digest))


@pytest.fixture
def world() -> World:
    world = World()
    for name, images in (("deb:12", (OLD_DEBIAN, NEW_DEBIAN)), ("py:3", (OLD_PYTHON, NEW_PYTHON))):
        for image in images:
            world.put(name, image)
    return world


def app(annotations: dict[str, str] | None = None) -> AnImage:
    return an_image([DEBIAN, PYTHON, APP], labels=SAYS_DEBIAN, annotations=annotations)


def test_a_named_old_base_is_not_replaced_by_its_own_base_which_an_inherited_label_names(world: World) -> None:
    world.put("app:1", app())
    assert outcome(world.rebase("app:1", old=f"py:3@{OLD_PYTHON.digest}")) is Outcome.REBASE
    assert world.image("app:1").diff_ids == (DEBIAN_2.diff_id, PYTHON_2.diff_id, APP.diff_id)


def test_a_stale_image_is_not_current_because_its_bases_base_has_not_moved() -> None:
    world = World()
    for name, image in (("deb:12", OLD_DEBIAN), ("py:3", OLD_PYTHON), ("py:3", NEW_PYTHON), ("app:1", app())):
        world.put(name, image)
    assert outcome(world.rebase("app:1", old=f"py:3@{OLD_PYTHON.digest}")) is Outcome.REBASE


def test_an_inherited_label_does_not_put_the_new_base_under_the_old_one(world: World) -> None:
    world.put("app:1", app())
    assert outcome(world.rebase("app:1", new="py:3")) is Outcome.REFUSE


def test_a_base_that_is_gone_does_not_give_way_to_its_own_base(world: World) -> None:
    world.put("app:1", app(recorded("registry.test/py:3", OLD_PYTHON.digest)))
    world.fake.repository("py").manifests.pop(OLD_PYTHON.digest)
    assert outcome(world.rebase("app:1", new="py:3")) is Outcome.REFUSE
    assert outcome(world.rebase("app:1")) is Outcome.REFUSE


def test_a_base_that_cannot_be_read_does_not_give_way_to_its_own_base(world: World) -> None:
    world.put("app:1", app(recorded("registry.test/hidden:3", OLD_PYTHON.digest)))
    with answering(world, asks("GET", "/hidden/"), Told(403, (), b"{}")), pytest.raises(TransportError, match="hidden"):
        world.rebase("app:1", new="py:3")


def test_a_label_that_says_scratch_proves_nothing(world: World) -> None:
    world.put("app:1", an_image([DEBIAN, APP], labels=recorded("scratch")))
    assert outcome(world.rebase("app:1", new="deb:12")) is Outcome.REFUSE


def test_the_same_layers_with_another_config_are_not_the_same_base(world: World) -> None:
    world.put("b:1", an_image([DEBIAN], env=["V=1"]))
    made = built_on(an_image([DEBIAN], env=["V=1"]))
    world.put("b:1", an_image([DEBIAN], env=["V=2"]))
    for number, told in enumerate((None, recorded("registry.test/b:1"))):
        world.put(f"app-{number}:1", an_image(made.layers, env=["V=1"], annotations=told))
        assert outcome(world.rebase(f"app-{number}:1", new="b:1")) is Outcome.REFUSE
