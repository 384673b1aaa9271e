"""I-7: labels, ports and volumes merge alike whichever side is called the application's."""

from hypothesis import given
from hypothesis import strategies as st

from rebaser.oci.strict_json import JsonObject
from rebaser.plan.model import Sides
from rebaser.plan.rules import merge_members
from tests.property.examples import examples

_labels: st.SearchStrategy[JsonObject] = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.sampled_from(["1", "2", ""])
).map(dict)
_declared: st.SearchStrategy[JsonObject] = st.sets(st.sampled_from(["80/tcp", "81/tcp", "53/udp"])).map(
    lambda names: {name: {} for name in sorted(names)}
)


@given(st.tuples(_labels, _labels, _labels) | st.tuples(_declared, _declared, _declared))
@examples(300)
def test_both_sides_are_equal(images: tuple[JsonObject, JsonObject, JsonObject]) -> None:
    old, left, right = images
    merged, conflicts = merge_members("/x", Sides(old, left, right), frozenset(), "app")
    mirrored, mirrored_conflicts = merge_members("/x", Sides(old, right, left), frozenset(), "app")
    in_conflict = {conflict.key for conflict in conflicts}
    assert in_conflict == {conflict.key for conflict in mirrored_conflicts}
    assert {key: value for key, value in merged.items() if key not in in_conflict} == {
        key: value for key, value in mirrored.items() if key not in in_conflict
    }


@given(_labels, _labels)
@examples(100)
def test_the_side_that_changed_something_wins(old: JsonObject, changed: JsonObject) -> None:
    assert merge_members("/x", Sides(old, changed, old), frozenset(), "app") == (changed, [])
    assert merge_members("/x", Sides(old, old, changed), frozenset(), "app") == (changed, [])
    assert merge_members("/x", Sides(old, changed, changed), frozenset(), "app") == (changed, [])
