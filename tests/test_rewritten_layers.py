"""Whole runs in which layers of the application cannot stand on the new base as they are, and are changed."""

from dataclasses import replace
from pathlib import Path

import pytest

from rebaser.decide import Outcome
from rebaser.layers.filesystem import stack
from rebaser.layers.index import index_layer
from rebaser.oci import media_types
from rebaser.oci.reference import parse_reference
from rebaser.plan.compose import ORIGINAL_LAYERS
from rebaser.plan.original_layers import told_original
from rebaser.transports.base import read_blob
from rebaser.transports.referrers import referrers_tag
from tests.builders import FileInTar, a_layer, an_image, buildkit, hard_link, symlink
from tests.runs import World, built_on, outcome, refused

STEP = [buildkit("RUN make install")]
APART: dict[str, FileInTar] = {"lib/": "", "lib/libc.so": "c 1", "usr/lib/": "", "usr/lib/other": "o"}
MERGED: dict[str, FileInTar] = {
    "lib": symlink("usr/lib"),
    "usr/lib/": "",
    "usr/lib/libc.so": "c 2",
    "usr/lib/other": "o",
}
OWN: dict[str, FileInTar] = {"lib/": "", "lib/libown.so": "own", "opt/tool": "t"}


def world_of(own: dict[str, FileInTar]) -> World:
    made = World()
    bases = {
        "apart": APART,
        "merged": MERGED,
        "again": MERGED | {"etc/release": "again"},
        "back": APART | {"etc/x": "x"},
    }
    for name, files in bases.items():
        made.put(f"base:{name}", an_image([a_layer(files)]))
    made.put("app:1", built_on(an_image([a_layer(APART)]), [a_layer(own)], history=STEP))
    return made


@pytest.fixture
def world() -> World:
    return world_of(OWN)


def paths(world: World, short: str) -> set[str]:
    image, store = world.image(short), world.store(short)
    layers = [index_layer([read_blob(store, one.descriptor, 1 << 20)], one.diff_id) for one in image.layers]
    found = stack(layers)
    assert not found.divergences
    return {path for path, node in found.nodes.items() if node.entry.content}


def test_a_library_goes_where_the_new_base_has_its_libraries(world: World) -> None:
    run = world.rebase("app:1", "base:merged", "base:apart", ["app:2"], checks="all")
    assert outcome(run) is Outcome.REBASE
    assert paths(world, "app:2") == {"usr/lib/libc.so", "usr/lib/other", "usr/lib/libown.so", "opt/tool"}
    draft = run.plans[0].draft
    assert draft is not None
    assert [(reason.path, reason.message) for reason in draft.app[0].reasons] == [
        ("lib", "is left out: in the new base it is a link to 'usr/lib'"),
        ("lib/libown.so", "goes to 'usr/lib/libown.so': in the new base 'lib' is a link to 'usr/lib'"),
    ]


def test_the_layer_as_it_was_is_named_and_kept_by_a_referrer(world: World) -> None:
    before = world.image("app:1").layers[1]
    world.rebase("app:1", "base:merged", "base:apart", ["app:2"], checks="all")
    now = world.image("app:2").layers[1]
    told = told_original(now)
    assert told is not None
    assert (told.descriptor.digest, told.diff_id) == (before.descriptor.digest, before.diff_id)
    assert now.diff_id != before.diff_id
    image = world.digest("app:2")
    assert image is not None
    listed = world.index(f"app:{referrers_tag(image)}").view.manifests
    assert [(one.artifact_type, one.media_type) for one in listed] == [(ORIGINAL_LAYERS, media_types.OCI_MANIFEST)]
    referrer = world.manifest(f"app@{listed[0].digest}").document.json
    assert referrer["layers"] == [before.descriptor.raw]


def test_two_updates_come_to_the_same_as_one(world: World) -> None:
    world.rebase("app:1", "base:merged", "base:apart", ["app:2"], checks="all")
    world.rebase("app:2", "base:again", "base:merged", ["app:3"], checks="all")
    world.rebase("app:1", "base:again", "base:apart", ["app:direct"], checks="all")
    assert world.image("app:3").diff_ids == world.image("app:direct").diff_ids


def test_the_next_rebase_starts_from_the_layer_as_it_was(world: World) -> None:
    before = world.image("app:1").layers[1]
    world.rebase("app:1", "base:merged", "base:apart", ["app:2"], checks="all")
    world.rebase("app:2", "base:back", "base:merged", ["app:3"], checks="all")
    assert world.image("app:3").layers[1] == before


def test_a_record_that_does_not_fit_is_no_place_to_start_from(world: World) -> None:
    world.rebase("app:1", "base:merged", "base:apart", ["app:2"], checks="all")
    mine = world.image("app:2")
    liar = a_layer({"usr/lib/libown.so": "another", "opt/tool": "t"})
    base = an_image([a_layer(MERGED)])
    forged = built_on(base, [liar], history=STEP)
    world.put("app:forged", forged)
    told = told_original(mine.layers[1])
    assert told is not None
    run = world.rebase("app:forged", "base:again", "base:merged", ["app:4"], checks="all")
    assert outcome(run) is Outcome.REBASE
    assert world.image("app:4").layers[1].diff_id == liar.diff_id


def test_a_hard_link_to_a_file_that_is_gone_becomes_a_file() -> None:
    own = {"opt/c": hard_link("lib/libc.so")}
    made = World()
    made.put("base:1", base := an_image([a_layer({"lib/libc.so": "c 1", "lib/ld.so": "l"})]))
    made.put("base:2", an_image([a_layer({"lib/ld.so": "l"})]))
    made.put("base:3", an_image([a_layer({"lib/ld.so": "l", "etc/x": "x"})]))
    made.put("app:1", built_on(base, [a_layer(own)], history=STEP))
    made.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")
    assert paths(made, "app:2") == {"lib/ld.so", "opt/c"}
    made.rebase("app:2", "base:3", "base:2", ["app:3"], checks="all")
    made.rebase("app:1", "base:3", "base:1", ["app:direct"], checks="all")
    assert made.image("app:3").diff_ids == made.image("app:direct").diff_ids


def test_a_file_that_both_sides_changed_is_merged_where_it_is_now() -> None:
    made = World()
    made.put("base:1", base := an_image([a_layer({"lib/": "", "lib/x": "1", "usr/lib/": "", "etc/passwd": "r"})]))
    made.put("base:2", an_image([a_layer({"lib": symlink("usr/lib"), "usr/lib/x": "2", "etc/passwd": "r"})]))
    copied_up = a_layer({"lib/": "", "lib/x": "1"})
    made.put("app:1", built_on(base, [copied_up], history=STEP))
    run = made.rebase("app:1", "base:2", "base:1", ["app:2"], checks="all")
    assert outcome(run) is Outcome.REBASE
    image, store = made.image("app:2"), made.store("app:2")
    layers = [index_layer([read_blob(store, one.descriptor, 1 << 20)], one.diff_id) for one in image.layers]
    assert stack(layers).nodes["usr/lib/x"].entry.content == stack(layers[:1]).nodes["usr/lib/x"].entry.content


def test_a_place_that_keeps_whole_images_only_is_told_of(world: World, tmp_path: Path) -> None:
    out = parse_reference(f"docker-archive:{tmp_path}/out.tar:app:2")
    request = replace(world.request("app:1", "base:merged", "base:apart", checks="all"), tags=(out,))
    with world.places:
        run = world.run(request)
    assert run.plan is not None
    (notice,) = (notice for notice in run.plan.notices if "keeps no layers" in notice)
    assert notice.startswith(f"docker-archive:{tmp_path}/out.tar")
    assert run.receipt.moved == [out]


def test_without_such_changes_the_image_is_refused(world: World) -> None:
    run = world.rebase("app:1", "base:merged", "base:apart", checks="all", merge_layer=False)
    assert refused(run) == ["type-changed"]


def test_a_directory_that_stands_twice_in_a_changed_layer_is_there_once_or_twice_again() -> None:
    world = world_of({**OWN, "./lib/": "", "opt/": "", "./opt/": ""})
    assert outcome(world.rebase("app:1", "base:merged", "base:apart", ["app:2"], checks="all")) is Outcome.REBASE
    layer = world.image("app:2").layers[1]
    index = index_layer([read_blob(world.store("app:2"), layer.descriptor, 1 << 20)], layer.diff_id)
    assert [entry.path for entry in index.entries] == ["usr/lib/libown.so", "opt/tool", "opt"]
    assert [(one.rule, one.path) for one in index.oddities] == [("W15", "opt")]
