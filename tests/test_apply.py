"""Writing: what is sent, what is not, and what the receipt tells when it ends half-way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rebaser.apply import How, Receipt, TagTarget, Writer, confirm, copy_image, given, put_tags, store_plan
from rebaser.errors import ImageNotFound, TransportError
from rebaser.oci.descriptor import describe
from rebaser.plan.model import BlobMove, Plan
from tests.builders import AnImage, an_image, an_index
from tests.fakes.registry import FakeRegistry, refusal
from tests.interventions import answering, asks
from tests.invariants import assert_valid
from tests.runs import OLD, World, layers_of

APP = an_image(OLD)


@pytest.fixture
def world() -> World:
    world = World()
    world.put("app:1", APP)
    FakeRegistry(host="other.test", wire=world.fake.wire)
    world.fake.wire.forget()
    return world


@pytest.fixture
def writer(world: World) -> Iterator[Writer]:
    with ThreadPoolExecutor(4) as pool:
        yield Writer(world.places, pool)


def plan_of(world: World, image: AnImage, source: str = "app:1") -> Plan:
    """Return the plan whose layers are in `source` and whose config was made here."""
    layers = [BlobMove(layer.descriptor, world.reference(source).repository) for layer in image.layers]
    config = BlobMove(image.config_descriptor, content=image.config)
    return Plan((*layers, config), (image.document,), (), ())


def target(world: World, short: str) -> TagTarget:
    return TagTarget(world.reference(short), world.digest(short))


def move_tags(targets: list[TagTarget], image: AnImage, writer: Writer, receipt: Receipt) -> None:
    receipt.not_moved[:] = [target.reference for target in targets]
    waiting = confirm([image.document], [], targets, writer)
    put_tags(waiting, image.document, writer, receipt)


@pytest.mark.parametrize(
    ("place", "how"), [("app:2", How.PRESENT), ("b:2", How.MOUNTED), ("other.test/b:2", How.COPIED)]
)
def test_a_plan_is_stored_with_the_least_traffic(world: World, writer: Writer, place: str, how: How) -> None:
    receipt = Receipt()
    repository = world.reference(place).repository
    store_plan(plan_of(world, APP), world.reference("app:1").repository, [repository], writer, receipt)
    assert [receipt.blobs[layer.digest] for layer in APP.layers] == [how, how]
    assert receipt.blobs[APP.config_descriptor.digest] is How.UPLOADED
    assert_valid(world.places.open(repository), APP.digest)
    assert world.digest(place) is None


def test_nothing_is_asked_before_a_mount(world: World, writer: Writer) -> None:
    repository = world.reference("b:1").repository
    store_plan(plan_of(world, APP), world.reference("app:1").repository, [repository], writer, Receipt())
    assert not [line for line in world.fake.wire.lines if line.startswith("HEAD")]


def test_kept_entries_come_along_into_another_repository_only(world: World, writer: Writer) -> None:
    kept = an_image(layers_of("kept"))
    index = an_index([APP, kept])
    world.put("app:index", index)
    home = world.reference("app:1").repository
    plan = Plan(plan_of(world, APP).blobs, (APP.document, index.document), (describe(kept.document),), ())
    store_plan(plan, home, [home, world.reference("b:1").repository], writer, Receipt())
    assert_valid(world.store("b:1"), index.digest)
    assert len([line for line in world.writes if kept.digest in line and "/manifests/" in line]) == 2  # one by the test


def test_a_manifest_that_is_not_given_back_is_an_error(world: World, writer: Writer) -> None:
    gone = refusal(404, "MANIFEST_UNKNOWN")
    repository = world.reference("b:1").repository
    store_plan(plan_of(world, APP), world.reference("app:1").repository, [repository], writer, Receipt())
    with answering(world, asks("GET", "/b/manifests/"), gone), pytest.raises(ImageNotFound):
        confirm([APP.document], [repository], [], writer)


def test_a_whole_tree_is_copied_children_first(world: World, writer: Writer) -> None:
    tree = an_index([an_index([APP]), an_image(layers_of("x"), platform="linux/arm64")])
    world.put("app:tree", tree)
    world.fake.wire.forget()
    copy_image(world.store("app:1"), world.reference("b:1").repository, tree.document, writer, Receipt())
    assert_valid(world.store("b:1"), tree.digest)
    puts = [line.rpartition("/")[2] for line in world.writes if "PUT" in line and "/b/manifests/" in line]
    assert puts == [APP.digest, tree.children[0].digest, tree.children[1].digest, tree.digest]


def test_tags_that_are_there_already_are_not_put(world: World, writer: Writer) -> None:
    receipt = Receipt()
    move_tags([target(world, "app:1"), target(world, "app:2")], APP, writer, receipt)
    assert [str(tag) for tag in receipt.moved] == ["registry.test/app:2"]
    assert receipt.not_moved == []
    assert world.writes == ["PUT https://registry.test/v2/app/manifests/2"]


def test_all_tags_are_looked_at_before_the_first_is_put(world: World, writer: Writer) -> None:
    new = an_image(layers_of("new"))
    world.put("app:new", new)
    targets = [target(world, "app:1"), target(world, "app:2")]
    world.put("app:2", APP)
    world.fake.wire.forget()
    receipt = Receipt()
    with pytest.raises(TransportError) as caught:
        move_tags(targets, new, writer, receipt)
    assert caught.value.code == "tag-moved"
    assert world.writes == []
    assert (receipt.moved, receipt.not_moved) == ([], [world.reference("app:1"), world.reference("app:2")])


def test_a_tag_that_someone_else_put_to_the_same_image_is_fine(world: World, writer: Writer) -> None:
    absent = TagTarget(world.reference("app:2"), None)
    world.put("app:2", APP)
    receipt = Receipt()
    move_tags([absent], APP, writer, receipt)
    assert receipt.moved == []


def test_a_failure_half_way_is_in_the_receipt(world: World, writer: Writer) -> None:
    targets = [target(world, f"app:{name}") for name in ("a", "b", "c")]
    receipt = Receipt()
    with answering(world, asks("PUT", "/app/manifests/b"), refusal(403, "DENIED")), pytest.raises(TransportError):
        move_tags(targets, APP, writer, receipt)
    assert [reference.tag for reference in receipt.moved] == ["a"]
    assert [reference.tag for reference in receipt.not_moved] == ["b", "c"]


def test_given_bytes_can_be_read_as_often_as_wanted() -> None:
    content = given(b"abc")
    for _ in range(2):
        with content() as chunks:
            assert b"".join(chunks) == b"abc"
