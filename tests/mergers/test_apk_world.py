import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.apk_world import merge_world
from tests.mergers.laws import assert_laws, outcome

WORLD = "alpine-baselayout\nmusl-utils\n"


def test_what_the_base_and_the_application_want_is_sorted_as_apk_sorts() -> None:
    app, new = ".build-deps=20240101.1\nalpine-baselayout\nmusl-utils\nPy>3\n", "alpine-baselayout\nmusl-utils\nzlib\n"
    assert (
        outcome(merge_world, WORLD, app, new) == ".build-deps=20240101.1\nalpine-baselayout\nmusl-utils\nPy>3\nzlib\n"
    )


def test_what_the_application_wants_no_more_is_not_wanted() -> None:
    assert outcome(merge_world, WORLD, "alpine-baselayout\n", "alpine-baselayout\nmusl-utils>2\nx\n") == (
        "alpine-baselayout\nx\n"
    )


@pytest.mark.parametrize("constraint", ["curl=8", "curl~8.1", "curl@edge", "!curl", "curl><Q12l/v/T0pPK3aQa="])
def test_two_different_wishes_for_one_package_are_for_a_person(constraint: str) -> None:
    assert outcome(merge_world, WORLD, WORLD + f"{constraint}\n", WORLD + "curl\n") == ("curl",)
    assert outcome(merge_world, WORLD, WORLD + f"{constraint}\nx\n", WORLD) == WORLD + f"{constraint}\nx\n"


def test_a_wish_of_several_lines_stays_one() -> None:
    assert outcome(merge_world, "a\n", "a\nb>1\nb<3\n", "a\nc\n") == "a\nb>1\nb<3\nc\n"


def test_where_nothing_is_wanted_any_more_apk_leaves_a_blank_line() -> None:
    assert outcome(merge_world, "a\nb\n", "a\n", "b\n") == "\n"


def test_another_order_and_other_blanks_are_the_same_world() -> None:
    assert outcome(merge_world, "a\nb\n", "b a", "\n\na\nc\nb") == "\n\na\nc\nb"


def test_a_file_that_the_application_removed_stays_away() -> None:
    assert outcome(merge_world, WORLD, "", WORLD + "zlib\n") == ""


def test_a_file_without_bounds_is_malformed() -> None:
    with pytest.raises(MalformedError):
        outcome(merge_world, WORLD, "x" * (1 << 20) + "x", "y\n")


worlds = st.lists(st.sampled_from(["a", "a>1", "!a", "B", "b@x", "c=1", "!", "<", "\udcff"])).flatmap(
    lambda names: st.sampled_from(["\n", " ", "\n\n"]).map(
        lambda blank: "".join(name + blank for name in names).encode("utf-8", "surrogateescape")
    )
)


@given(worlds, worlds, worlds)
def test_laws(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_world, old, app, new)
