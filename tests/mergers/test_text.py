import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.conflict import Conflict
from rebaser.mergers.text import merge_text
from tests.contents.hostile import seconds
from tests.mergers.laws import assert_laws, outcome

OLD = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
FEW_WORDS = st.lists(st.sampled_from([b"a", b"b", b"", b"c\r"]), max_size=12).map(b"\n".join)
TEXTS = st.builds(bytes.__add__, FEW_WORDS, st.sampled_from([b"", b"\n"]))


def test_a_setting_of_the_application_and_one_of_the_new_base_are_both_there() -> None:
    app = OLD.replace("two", "TWO")
    new = OLD.replace("six", "SIX\nSIX AND A HALF")
    assert outcome(merge_text, OLD, app, new) == "one\nTWO\nthree\nfour\nfive\nSIX\nSIX AND A HALF\nseven\n"


def test_a_line_that_both_changed_in_different_ways_is_named_as_in_the_old_base() -> None:
    app = "zero\n" + OLD.replace("four", "FOUR")
    assert outcome(merge_text, OLD, app, OLD.replace("four", "4")) == ("line 4",)


def test_a_line_that_both_changed_alike_is_changed_once() -> None:
    app = OLD.replace("four", "4").replace("one\n", "")
    assert outcome(merge_text, OLD, app, OLD.replace("four", "4")) == app


@pytest.mark.parametrize(
    ("app", "new", "expected"),
    [
        (OLD.replace("three", "3"), OLD.replace("four", "4"), ("line 3",)),
        (OLD.replace("three", "3"), OLD.replace("five", "5"), "one\ntwo\n3\nfour\n5\nsix\nseven\n"),
        (OLD.replace("three", "3"), OLD.replace("three\n", "three\nand\n"), ("line 3",)),
        (OLD.replace("three", "3"), OLD.replace("four\n", "four\nand\n"), "one\ntwo\n3\nfour\nand\nfive\nsix\nseven\n"),
        (OLD + "app\n", OLD + "new\n", ("line 8",)),
        ("app\n" + OLD, "new\n" + OLD, ("line 1",)),
        (OLD.replace("two\n", ""), OLD.replace("two\nthree\n", ""), ("line 2",)),
    ],
)
def test_changes_that_touch_are_for_a_person_and_those_with_a_line_between_are_not(
    app: str, new: str, expected: str | tuple[str, ...]
) -> None:
    assert outcome(merge_text, OLD, app, new) == expected


def test_a_last_line_without_its_end_does_not_get_in_the_way_of_one_that_is_added() -> None:
    assert outcome(merge_text, "a\nb\nc", "a\nb\nc\nd\n", "A\nb\nc") == "A\nb\nc\nd\n"
    assert outcome(merge_text, "a\nb\nc\n", "a\nb\nc", "A\nb\nc\n") == "A\nb\nc"


def test_a_file_that_both_added_and_one_that_one_side_removed_conflict() -> None:
    assert outcome(merge_text, "", "app\n", "new\n") == ("line 1",)
    assert outcome(merge_text, "a\nb\n", "", "a\nB\n") == ("line 1",)


def test_bytes_that_are_no_text_in_any_encoding_stay_as_they_are() -> None:
    assert merge_text(b"a\n\xff\r\nb\n", b"A\n\xff\r\nb\n", b"a\n\xff\r\n\xfe\n") == b"A\n\xff\r\n\xfe\n"


@pytest.mark.parametrize("bad", [b"a\0\n", b"\n" * 20_001, b"a" * ((1 << 20) + 1)])
def test_what_is_binary_or_too_large_is_not_merged(bad: bytes) -> None:
    with pytest.raises(MalformedError):
        merge_text(b"a\n", b"b\n", bad)


def test_twenty_thousand_changed_lines_are_one_change_and_take_no_time() -> None:
    old, new = b"a\nb\n" * 9_000, b"x\n" + b"b\na\na\n" * 6_000 + b"y\n"
    assert merge_text(old, b"c\n" + old, new) == Conflict(("line 1",))
    assert seconds(lambda body: merge_text(old, b"c\n" + body, new), old) < 10


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=500)
def test_the_laws_hold(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_text, old, app, new)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_git_makes_the_same_of_it(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    old = [b"%d\n" % number for number in range(12)]
    bodies = [b"".join(lines) for lines in (_edited(old, data), old, _edited(old, data))]
    files = [tmp_path_factory.getbasetemp() / name for name in ("app", "old", "new")]
    for file, body in zip(files, bodies, strict=True):
        file.write_bytes(body)
    git = subprocess.run(["git", "merge-file", "-p", *files], capture_output=True, check=False)
    ours = merge_text(bodies[1], bodies[0], bodies[2])
    assert ours == git.stdout if git.returncode == 0 else isinstance(ours, Conflict)


def _edited(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    edited = list(lines)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(edited) - 1))
        added = data.draw(st.lists(st.sampled_from([b"x\n", b"y\n"]), max_size=2))
        edited[at : at + data.draw(st.integers(0, 2))] = added
    return edited
