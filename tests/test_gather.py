"""Reading the images that a rebase is about: what is asked for, what is kept aside, what is refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rebaser.documents import Documents
from rebaser.errors import ImageError, ImageNotFound, InputError
from rebaser.gather import Gatherer, with_destinations
from rebaser.oci.platform import Platform
from rebaser.oci.reference import Reference, Scratch, parse_reference
from rebaser.plan.model import Branch, Child, Kept
from rebaser.request import Request
from tests.builders import AnEntry, a_layer, an_image, an_index, as_image, attestation
from tests.runs import NEW, OLD, World, built_on, layers_of, material, provenance

AMD, ARM = an_image(OLD), an_image(layers_of("arm"), platform="linux/arm64")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def gatherer(world: World) -> Iterator[Gatherer]:
    with ThreadPoolExecutor(4) as pool:
        yield Gatherer(Documents(world.places), pool)


def test_a_single_image_is_a_tree_of_one(world: World, gatherer: Gatherer) -> None:
    world.put("app:1", AMD)
    original = gatherer.original(world.reference("app:1"), ())
    assert original.digest == AMD.digest
    assert str(original.reference) == f"registry.test/app:1@{AMD.digest}"
    assert [path for path, _ in original.children()] == [()]


def test_the_tree_keeps_the_order_and_the_nesting(world: World, gatherer: Gatherer) -> None:
    world.put("app:1", an_index([attestation(AMD), an_index([ARM]), AMD]))
    original = gatherer.original(world.reference("app:1"), ())
    assert isinstance(original.root, Branch)
    assert [type(entry) for entry in original.root.entries] == [Kept, Branch, Child]
    assert [(path, child.image.platform.architecture) for path, child in original.children()] == [
        ((1, 0), "arm64"),
        ((2,), "amd64"),
    ]


def test_every_document_is_asked_for_once(world: World, gatherer: Gatherer) -> None:
    world.put("base:1", an_index([AMD, ARM]))
    world.put("app:1", an_index([AMD, AMD, ARM]))
    world.fake.wire.forget()
    gatherer.original(world.reference("app:1"), ())
    for _ in range(3):
        gatherer.base(world.reference("base:1"), as_image(AMD), "input")
    manifests = [line for line in world.fake.wire.lines if "/manifests/" in line]
    assert len(manifests) == len(set(manifests)) == 5


def test_platforms_that_are_not_wanted_are_not_even_read(world: World, gatherer: Gatherer) -> None:
    world.put("app:1", an_index([AMD, ARM]))
    world.fake.wire.forget()
    original = gatherer.original(world.reference("app:1"), (Platform("linux", "arm64"),))
    assert [path for path, _ in original.children()] == [(1,)]
    assert not [line for line in world.fake.wire.lines if AMD.digest in line]


def test_a_wanted_platform_is_found_where_the_index_does_not_tell_it(world: World, gatherer: Gatherer) -> None:
    world.put("app:1", an_index([AnEntry(AMD), AnEntry(ARM)]))
    original = gatherer.original(world.reference("app:1"), (Platform("linux", "arm64"),))
    assert [path for path, _ in original.children()] == [(1,)]


def test_all_missing_platforms_are_told_at_once(world: World, gatherer: Gatherer) -> None:
    world.put("app:1", an_index([AMD]))
    wanted = (Platform("linux", "arm64"), Platform("linux", "amd64"), Platform("linux", "s390x"))
    with pytest.raises(InputError, match="linux/arm64, linux/s390x is not a platform"):
        gatherer.original(world.reference("app:1"), wanted)


def test_scratch_is_a_base_without_anything(gatherer: Gatherer) -> None:
    base = gatherer.base(Scratch.SCRATCH, as_image(AMD), "annotation")
    assert (base.reference, base.digest, base.image, base.layers) == (None, None, None, ())


def test_a_base_knows_the_index_digest_and_the_image_for_the_platform(world: World, gatherer: Gatherer) -> None:
    index = an_index([attestation(ARM), ARM, an_index([AMD])])
    world.put("base:1", index)
    base = gatherer.base(world.reference("base:1"), as_image(AMD), "label")
    assert base.digest == index.digest
    assert base.digests == {index.digest, AMD.digest}
    assert base.found == "label"


def test_a_base_with_broken_entries_for_other_platforms_is_fine(world: World, gatherer: Gatherer) -> None:
    world.put("base:1", an_index([AMD, ARM]))
    world.fake.repository("base").manifests.pop(ARM.digest)
    assert gatherer.base(world.reference("base:1"), as_image(AMD), "input").layers


def test_an_index_with_one_of_two_equal_entries(world: World, gatherer: Gatherer) -> None:
    """The first of equals is taken, as engines do."""
    other = an_image(NEW)
    world.put("base:1", an_index([AMD, other]))
    base = gatherer.base(world.reference("base:1"), as_image(AMD), "input")
    assert base.image is not None
    assert base.image.manifest.document.digest == AMD.digest


@pytest.mark.parametrize("size", [1, -1])
def test_an_index_that_lies_about_a_size_is_refused(world: World, gatherer: Gatherer, size: int) -> None:
    lying = AnEntry(AMD, None, None, {"size": len(AMD.content) + size})
    world.put("app:1", an_index([lying]))
    with pytest.raises(ImageError) as caught:
        gatherer.original(world.reference("app:1"), ())
    assert caught.value.code == "digest-mismatch"


def test_sayings_are_told_with_their_places_and_the_nearest_first(world: World, gatherer: Gatherer) -> None:
    app = an_image(OLD, annotations={"a": "1"}, labels={"l": "1"})
    world.put("app:1", an_index([AnEntry(app, None, {"b": "1"})], annotations={"c": "1"}))
    original = gatherer.original(world.reference("app:1"), ())
    sayings = gatherer.sayings(original.root, (0,))
    assert [(place, dict(notes)) for place, notes in sayings.annotations] == [
        ("annotation", {"a": "1"}),
        ("annotation of the index' entry", {"b": "1"}),
        ("annotation of the index", {"c": "1"}),
    ]
    assert sayings.labels == {"l": "1"}


def test_only_provenance_of_the_image_itself_is_read(world: World, gatherer: Gatherer) -> None:
    app = built_on(AMD)
    statement = provenance(app, material("registry.test/base@1", AMD.digest))
    world.put("app:1", an_index([app, ARM, attestation(app), statement, provenance(ARM)]))
    original = gatherer.original(world.reference("app:1"), ())
    assert len(gatherer.provenance(original, (0,))) == 1
    assert len(gatherer.provenance(original, (1,))) == 1
    assert gatherer.provenance(original, ()) == ()


def test_a_layout_with_one_image_needs_no_tag(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.put("app:whatever", AMD)
    nameless = Reference(world.reference("app:1").repository)
    with ThreadPoolExecutor(1) as pool:
        assert Gatherer(Documents(world.places), pool).original(nameless, ()).digest == AMD.digest
        world.put("app:latest", ARM)
        assert Gatherer(Documents(world.places), pool).original(nameless, ()).digest == ARM.digest


def test_a_layout_with_several_images_needs_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.put("app:1", AMD)
    world.put("app:2", ARM)
    with ThreadPoolExecutor(1) as pool, pytest.raises(ImageNotFound):
        Gatherer(Documents(world.places), pool).original(Reference(world.reference("app:1").repository), ())


def test_many_platforms_at_once_do_not_wait_for_each_other(world: World) -> None:
    """More platforms than threads, in nested indexes, on one base."""
    images = [an_image([a_layer({str(n): ""})], platform=f"linux/a{n}") for n in range(12)]
    world.put("app:1", an_index([an_index(images[:6]), *images[6:], an_index(images)]))
    with ThreadPoolExecutor(1) as pool:
        original = Gatherer(Documents(world.places), pool).original(world.reference("app:1"), ())
    assert len(original.children()) == 24


@pytest.mark.parametrize(
    ("image", "own", "tags", "expected"),
    [
        (
            "docker-archive:a.tar",
            "docker-archive:a.tar:shop:1",
            ("docker-archive:b.tar",),
            "docker-archive:b.tar:SHOP:1",
        ),
        (
            "docker-archive:a.tar",
            "docker-archive:a.tar:shop:1",
            ("docker-archive:a.tar",),
            "docker-archive:a.tar:SHOP:1",
        ),
        ("docker-daemon:shop:1", "docker-daemon:shop:1", ("docker-archive:b.tar",), "docker-archive:b.tar:SHOP:1"),
    ],
)
def test_a_file_takes_the_name_that_the_image_turns_out_to_have(
    image: str, own: str, tags: tuple[str, ...], expected: str
) -> None:
    request = Request(parse_reference(image), tags=tuple(map(parse_reference, tags)))
    (tag,) = with_destinations(request, parse_reference(own)).tags or ()
    assert str(tag) == expected.replace("SHOP", "docker.io/library/shop")


def test_a_result_that_nobody_would_find_is_refused_before_anything_is_done() -> None:
    by_id = parse_reference(f"docker-daemon:sha256:{'0' * 64}")
    nameless = parse_reference("docker-archive:a.tar:@0")
    out = (parse_reference("docker-archive:b.tar"),)
    for request, own in ((Request(by_id, tags=None), by_id), (Request(nameless, tags=out), nameless)):
        with pytest.raises(InputError) as refusal:
            with_destinations(request, own)
        assert [problem.name for problem in refusal.value.problems] == ["tags"]
