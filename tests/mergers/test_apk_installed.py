import itertools
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.apk_installed import merge_installed
from rebaser.mergers.conflict import Conflict
from tests.mergers.laws import assert_laws, outcome


def record(name: str, version: str = "1", files: str = "") -> str:
    return f"C:Q1\nP:{name}\nV:{version}\nA:x86_64\nS:1\nI:1\nT:{name}\nU:\nL:MIT\n{files}\n"


MUSL, MUSL_2, KEYS = record("musl"), record("musl", "2"), record("alpine-keys")
ZLIB, CURL = record("zlib", files="F:lib\nR:libz.so\na:0:0:755\nZ:Q1z\n"), record("Curl")


def test_a_fix_of_the_base_and_packages_of_the_application_are_both_installed() -> None:
    merged = outcome(merge_installed, KEYS + MUSL, KEYS + CURL + MUSL + ZLIB, KEYS + MUSL_2)
    assert merged == KEYS + CURL + MUSL_2 + ZLIB


def test_packages_of_a_database_that_is_not_apk_s_come_last() -> None:
    merged = outcome(merge_installed, MUSL + KEYS, MUSL + KEYS + ZLIB + CURL, MUSL_2 + KEYS)
    assert merged == MUSL_2 + KEYS + ZLIB + CURL


def test_a_database_that_apk_wrote_anew_is_in_its_order_on_a_base_of_apko_s_too() -> None:
    assert outcome(merge_installed, MUSL + KEYS, KEYS + MUSL + ZLIB, MUSL_2 + KEYS) == KEYS + MUSL_2 + ZLIB


def test_what_the_base_removed_is_gone() -> None:
    assert outcome(merge_installed, KEYS + MUSL, KEYS + MUSL + ZLIB, MUSL) == MUSL + ZLIB


def test_what_the_application_removed_stays_removed_in_whatever_version_the_base_has_it() -> None:
    assert outcome(merge_installed, KEYS + MUSL, KEYS, KEYS + MUSL_2) == KEYS


def test_what_the_application_upgraded_is_still_there_where_the_base_has_it_no_more() -> None:
    assert outcome(merge_installed, KEYS + MUSL, KEYS + MUSL_2, KEYS) == KEYS + MUSL_2


def test_what_only_the_application_upgraded_is_as_the_application_has_it() -> None:
    assert outcome(merge_installed, KEYS + MUSL, KEYS + MUSL_2, MUSL) == MUSL_2


def test_what_both_upgraded_to_different_versions_is_for_a_person() -> None:
    old, app, new = KEYS + MUSL, record("alpine-keys", "8") + MUSL_2 + ZLIB, record("alpine-keys", "9") + CURL
    assert outcome(merge_installed, old, app, new + record("musl", "3")) == ("alpine-keys", "musl")


def test_what_both_added_is_for_a_person_unless_it_is_the_same() -> None:
    assert outcome(merge_installed, KEYS, KEYS + MUSL, KEYS + MUSL_2) == ("musl",)
    assert outcome(merge_installed, KEYS, KEYS + MUSL + ZLIB, KEYS + MUSL) == KEYS + MUSL + ZLIB


def test_another_architecture_of_a_package_is_not_a_second_package() -> None:
    one, other = MUSL.replace("x86_64", "noarch"), MUSL_2
    assert outcome(merge_installed, MUSL, one, other) == ("musl",)


def test_a_record_that_apk_wrote_in_its_way_is_one_that_the_application_left_alone() -> None:
    app = "".join(f"{line}\n" for line in sorted(ZLIB.split("\n")[:-5])) + "F:lib\nR:libz.so\na:0:0:0755\nZ:Q1z\n\n"
    assert app != ZLIB
    fixed = ZLIB.replace("V:1", "V:1.1")
    assert outcome(merge_installed, ZLIB, CURL + app, fixed) == CURL + fixed


def test_a_database_that_the_application_removed_stays_away() -> None:
    assert outcome(merge_installed, KEYS + MUSL, "", KEYS + MUSL_2 + ZLIB) == ""


def test_a_database_that_the_base_has_no_more_holds_what_the_application_installed() -> None:
    assert outcome(merge_installed, KEYS + MUSL, KEYS + MUSL + ZLIB, "") == ZLIB


def test_a_database_that_was_never_there_holds_what_both_installed() -> None:
    assert outcome(merge_installed, "", ZLIB, KEYS) == KEYS + ZLIB


def test_a_database_cut_short_is_merged_only_where_one_side_changed_it() -> None:
    cut = (KEYS + MUSL)[:-20]
    assert outcome(merge_installed, KEYS, cut, KEYS) == cut
    with pytest.raises(MalformedError):
        outcome(merge_installed, KEYS, KEYS + "P", KEYS + ZLIB)


databases = st.permutations(["a", "B", "c", "d"]).flatmap(
    lambda names: st.lists(st.sampled_from(["1", "2", "3"]), max_size=4).map(
        lambda versions: "".join(itertools.starmap(record, zip(names, versions, strict=False))).encode()
    )
)


@given(databases, databases, databases)
def test_laws(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_installed, old, app, new)


@given(st.lists(st.sampled_from([b"P:a", b"P:b", b"V:1", b"F:x", b"R:\xff", b"a:1:2:3", b"", b"\0"]), min_size=1))
def test_any_bytes_are_merged_or_malformed(lines: list[bytes]) -> None:
    body = b"\n".join(lines)
    for old, app, new in itertools.permutations((body, MUSL.encode(), (MUSL + ZLIB).encode())):
        with suppress(MalformedError):
            assert_laws(merge_installed, old, app, new)


def test_a_hundred_thousand_packages_that_all_changed_are_named_in_seconds() -> None:
    old, app, new = (
        "".join(record(f"p{number:06}", version) for number in range(100_000)).encode() for version in ("1", "2", "3")
    )
    merged = merge_installed(old, app, new)
    assert isinstance(merged, Conflict)
    assert len(merged.subjects) == 100_000
