"""The layers as a chart."""

import re

from rebaser.report.picture import picture
from tests.report.reports import layer, platform


def test_both_stacks_base_first_each_kind_in_its_colour() -> None:
    before = [layer(2_000_000, "old base"), layer(1_000, "application")]
    lines = picture(platform().model_copy(update={"layersBefore": before})).splitlines()
    assert lines[0] == "flowchart LR"
    assert '    before0["old base eeeeeeeeeeee, 2.0 MB"]:::old' in lines
    assert '    after0["new base eeeeeeeeeeee, 3.0 MB"]:::fresh' in lines
    assert '    after2["application eeeeeeeeeeee, 499.0 kB"]:::own' in lines
    assert "    after1 --- after2" in lines


def test_a_tall_stack_is_told_in_one_node() -> None:
    many = [layer(1_000, "application") for _ in range(100)]
    drawn = picture(platform().model_copy(update={"layersAfter": many}))
    assert "application: 100 layers, 100.0 kB" in drawn
    assert len(re.findall(r"\[", drawn)) < 50
