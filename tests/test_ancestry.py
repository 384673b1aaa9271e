"""Which base an image stands on: sayings, proved one by one. Whole runs: tests/peers/test_base_record.py."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rebaser.ancestry import MAX_CANDIDATES, Proved, plan_child, prove
from rebaser.documents import Documents
from rebaser.errors import InputError, TransportError
from rebaser.gather import Gatherer
from rebaser.plan.model import PlatformPlan, Seam, Unrelated
from tests.builders import AnImage, AnIndex, an_image, an_index
from tests.fakes.wire import Told
from tests.interventions import answering, asks
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


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def planned(world: World, pool: ThreadPoolExecutor, app: AnImage, **named: str) -> PlatformPlan:
    world.put("app:1", app)
    gatherer = Gatherer(Documents(world.places), pool)
    request = world.request("app:1", named.get("new"), named.get("old"))
    original = gatherer.original(request.image, ())
    ((path, child),) = original.children()
    return plan_child(gatherer, original, request, path, child)


def proved(world: World, pool: ThreadPoolExecutor, app: AnImage | AnIndex) -> Proved:
    world.put("app:1", app)
    gatherer = Gatherer(Documents(world.places), pool)
    original = gatherer.original(world.reference("app:1"), ())
    path, child = original.children()[0]
    return prove(gatherer, original, path, child)


def test_a_base_is_told_with_the_place_that_named_it(world: World, pool: ThreadPoolExecutor) -> None:
    plan = planned(world, pool, built_on(OLD_BASE, annotations=RECORD))
    assert plan.old_base is not None
    assert (plan.old_base.found, plan.old_base.digest) == ("annotation", OLD_BASE.digest)
    assert (plan.new_base.found, plan.new_base.digest) == ("annotation", NEW_BASE.digest)
    assert isinstance(plan.seam, Seam)
    assert plan.seam.layers == 2


def test_a_named_old_base_is_binding_even_where_a_saying_would_hold(world: World, pool: ThreadPoolExecutor) -> None:
    world.put("other:1", an_image(layers_of("other")))
    plan = planned(world, pool, built_on(OLD_BASE, annotations=RECORD), old="other:1", new="base:12")
    assert plan.seam == Unrelated(0, 1)
    assert plan.draft is None


def test_the_new_base_follows_the_name_of_the_saying_that_was_proved(world: World, pool: ThreadPoolExecutor) -> None:
    world.put("other:1", an_image(layers_of("other")))
    app = built_on(OLD_BASE, annotations=recorded("registry.test/other:1"), labels=RECORD)
    plan = planned(world, pool, app)
    assert plan.new_base.digest == NEW_BASE.digest
    assert plan.new_base.found == "label"


def test_an_old_base_named_by_tag_and_digest_leads_to_the_tags_newest(world: World, pool: ThreadPoolExecutor) -> None:
    plan = planned(world, pool, built_on(OLD_BASE), old=f"base:12@{OLD_BASE.digest}")
    assert plan.new_base.digest == NEW_BASE.digest


def test_an_old_base_named_by_digest_only_leads_nowhere(world: World, pool: ThreadPoolExecutor) -> None:
    with pytest.raises(InputError, match="nothing on the image names its base"):
        planned(world, pool, built_on(OLD_BASE), old=f"base@{OLD_BASE.digest}")


def test_an_unreadable_place_is_an_error_since_what_holds_may_be_the_bases_base(
    world: World, pool: ThreadPoolExecutor
) -> None:
    down = Told(403, (), b"{}")
    world.put("other:1", OLD_BASE)
    told = recorded("registry.test/other:1", OLD_BASE.digest)
    with answering(world, asks("GET", "/other/"), down):
        with pytest.raises(TransportError, match="other"):
            proved(world, pool, built_on(OLD_BASE, annotations=told, labels=RECORD))
        with pytest.raises(TransportError, match="other"):
            proved(world, pool, built_on(OLD_BASE, annotations=told))


def test_every_saying_that_fails_is_told_with_its_reason(world: World, pool: ThreadPoolExecutor) -> None:
    world.put("other:1", an_image(layers_of("old-1", "else")))
    app = built_on(OLD_BASE, annotations=recorded("registry.test/other:1"), labels=recorded("Not A Name"))
    found = proved(world, pool, app)
    assert found.base is None
    first, second = found.rejected
    assert first.what == (
        "the annotation names registry.test/other:1, of whose 2 layers the image begins with 1; "
        "its tag may have moved since the image was built"
    )
    assert second.what.startswith("the label is not understood: ")
    assert not first.gone


def test_of_equally_long_bases_the_more_trustworthy_saying_wins(world: World, pool: ThreadPoolExecutor) -> None:
    world.put("twin:1", OLD_BASE)
    app = built_on(OLD_BASE, annotations=RECORD, labels=recorded("registry.test/twin:1", OLD_BASE.digest))
    found = proved(world, pool, app)
    assert found.candidate is not None
    assert found.candidate.found == "annotation"


def test_the_number_of_places_that_are_asked_is_bounded(world: World, pool: ThreadPoolExecutor) -> None:
    app = built_on(OLD_BASE)
    stages = [material(f"registry.test/stage-{number}@1", OLD_BASE.digest) for number in range(200)]
    world.fake.wire.forget()
    proved(world, pool, an_index([app, provenance(app, *stages)]))
    asked = {line.partition("/v2/")[2].partition("/")[0] for line in world.fake.wire.lines}
    assert len([name for name in asked if name.startswith("stage-")]) <= MAX_CANDIDATES


def test_scratch_is_proved_by_saying_it(world: World, pool: ThreadPoolExecutor) -> None:
    found = proved(world, pool, an_image(OLD, annotations=recorded("scratch")))
    assert found.base is not None
    assert found.base.image is None


def test_no_image_sends_us_to_a_directory_of_this_machine(
    world: World, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    """Its layers would end up in the registry, for whoever may read the image there."""
    private = World(tmp_path)
    private.put("base:1", OLD_BASE)
    app = built_on(OLD_BASE, annotations=recorded(private.name("base:1"), OLD_BASE.digest))
    found = proved(world, pool, app)
    assert found.base is None
    assert [rejection.what for rejection in found.rejected] == [
        "the annotation is not understood: it names a place that is not a registry"
    ]
    with pytest.raises(InputError, match="new-base: it is not given"):
        planned(world, pool, app)


def test_text_of_an_image_is_made_printable(world: World, pool: ThreadPoolExecutor) -> None:
    found = proved(world, pool, built_on(OLD_BASE, annotations=recorded("\x1b[2J::error::x\nBase")))
    assert found.rejected[0].what.isprintable()
