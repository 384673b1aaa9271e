"""The pairs as a whole, without building anything."""

import re

from tests.images.pairs.bases import BASES
from tests.images.pairs.building import BUILDERS
from tests.images.pairs.drawing import KINDS, NUMBER
from tests.images.pairs.hand import HAND_WRITTEN
from tests.images.pairs.model import Truth, file_name
from tests.images.pairs.trees import TREES


def test_there_are_enough_of_every_truth() -> None:
    defined = [pair.truth for pair in HAND_WRITTEN]
    assert len(defined) >= 42
    assert defined.count(Truth.WORKS) in range(len(defined) * 2 // 5, len(defined) * 3 // 5 + 1)
    assert {*defined} == {Truth.WORKS, Truth.STALE, Truth.BREAKS}


def test_every_pair_has_a_name_of_its_own_even_as_a_file() -> None:
    assert len({file_name(pair.name) for pair in HAND_WRITTEN}) == len(HAND_WRITTEN)


def test_every_pair_takes_its_base_as_an_argument_and_is_probed() -> None:
    for pair in HAND_WRITTEN:
        assert re.search(r"^FROM \$\{BASE\}$", pair.dockerfile, re.MULTILINE), pair.name
        assert pair.probes, pair.name


def test_bases_and_trees_are_all_there_and_all_used() -> None:
    named = {name for pair in HAND_WRITTEN for name in (pair.old, pair.new)}
    drawn = {name for kind in KINDS for name in (kind.old, *kind.new)}
    assert BASES.keys() >= named | drawn
    assert {BASES[name].tree for name in named | drawn} | {*BUILDERS.values()} == TREES.keys()


def test_as_many_are_drawn_as_is_said() -> None:
    assert NUMBER == 22
