"""From which layers a rebase starts whose application an earlier one had to change."""

from rebaser.layers.filesystem import FileSystem, stack
from rebaser.layers.index import LayerIndex, index_layer
from rebaser.plan.rewriting import completed, rewriting
from rebaser.plan.sources import Source
from rebaser.plan.starting import start
from tests.builders import FileInTar, a_layer, hard_link, symlink

APART: dict[str, FileInTar] = {"lib/": "", "lib/gone": "g", "usr/lib/": ""}
MERGED: dict[str, FileInTar] = {"lib": symlink("usr/lib"), "usr/lib/": ""}


def an_index(files: dict[str, FileInTar]) -> LayerIndex:
    made = a_layer(files)
    return index_layer([made.content], made.diff_id)


def a_base(files: dict[str, FileInTar]) -> FileSystem:
    return stack([an_index(files)])


def test_what_the_links_lead_to_was_a_directory_for_the_layers_as_they_were() -> None:
    recorded = an_index({"lib/": "", "lib/own": "o", "opt/x": "x"})
    present = rewriting(a_base(APART), [recorded], a_base(MERGED)).layers
    found = start(a_base(MERGED), present, [recorded])
    assert found is not None
    assert found.turned == {"lib": "usr/lib"}
    back = rewriting(found.old, found.app, a_base(APART))
    assert back.layers == (recorded,)
    assert back.changes == (None,)


def test_a_file_that_only_the_application_still_has_is_taken_from_there() -> None:
    recorded = an_index({"opt/x": hard_link("lib/gone")})
    moved = rewriting(a_base(APART), [recorded], a_base(MERGED))
    assert not moved.problems
    present = completed(moved, {"lib/gone": b"g"}).layers
    found = start(a_base(MERGED), present, [recorded])
    assert found is not None
    assert found.source("lib/gone") == Source("app", "opt/x")
    assert rewriting(found.old, found.app, a_base(MERGED)).wanted == {"lib/gone"}


def test_what_the_base_still_has_is_taken_from_where_its_link_leads() -> None:
    recorded = an_index({"lib/own": "o"})
    present = rewriting(a_base(APART), [recorded], a_base(MERGED)).layers
    found = start(a_base(MERGED), present, [recorded])
    assert found is not None
    assert found.source("lib/libc.so") == Source("old", "usr/lib/libc.so")


def test_layers_of_which_the_present_ones_are_not_made_are_no_start() -> None:
    recorded = an_index({"lib/own": "o"})
    other = an_index({"usr/lib/own": "another"})
    assert start(a_base(MERGED), [other], [recorded]) is None


def test_layers_that_remove_something_else_are_no_start() -> None:
    recorded = an_index({"lib/own": "o", "usr/lib/.wh.x": ""})
    other = an_index({"usr/lib/own": "o"})
    assert start(a_base(MERGED), [other], [recorded]) is None
