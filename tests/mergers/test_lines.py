import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.conflict import Conflict
from rebaser.mergers.lines import merge_lines
from tests.contents.hostile import seconds
from tests.mergers.laws import assert_laws, outcome

SHELLS = "# /etc/shells: valid login shells\n/bin/sh\n/bin/bash\n/bin/dash\n"
LINES = st.sampled_from([b"a", b"!a", b"a=1", b"a=2", b"b", b"#", b"", b"!", b"0" * 32 + b"  /x", b"1" * 32 + b"  /x"])
LISTS = st.builds(bytes.__add__, st.lists(LINES, max_size=8).map(b"\n".join), st.sampled_from([b"", b"\n"]))


def test_the_shell_that_the_application_installed_and_that_of_the_new_base_are_both_valid() -> None:
    app = SHELLS.replace("/bin/bash\n", "/bin/bash\n/usr/bin/zsh\n/usr/bin/fish\n")
    new = SHELLS.replace("/bin/bash\n", "/bin/bash\n/bin/rbash\n")
    expected = SHELLS.replace("/bin/bash\n", "/bin/bash\n/usr/bin/zsh\n/usr/bin/fish\n/bin/rbash\n")
    assert outcome(merge_lines, SHELLS, app, new) == expected


def test_a_shell_that_the_application_removed_stays_removed() -> None:
    app = SHELLS.replace("/bin/dash\n", "")
    assert outcome(merge_lines, SHELLS, app, "/bin/dash\n" + SHELLS + "/bin/rbash\n") == app + "/bin/rbash\n"


def test_a_line_whose_neighbours_are_gone_is_at_the_end() -> None:
    assert outcome(merge_lines, "x\n", "app\nx\n", "y\nz\n") == "y\nz\napp\n"


def test_blank_lines_are_as_many_as_in_the_new_base() -> None:
    assert outcome(merge_lines, "\na\n", "\n\na\n\nb\n", "\na\n\n\nc\n") == "\na\nb\n\n\nc\n"


def test_a_package_that_both_added_is_there_once() -> None:
    assert outcome(merge_lines, "musl\n", "musl\ncurl\n", "bash\ncurl\nmusl\nzlib\n") == "bash\ncurl\nmusl\nzlib\n"
    assert outcome(merge_lines, "", "curl\n", "bash\n") == "bash\ncurl\n"


def test_a_package_whose_version_one_side_fixed_has_that_version() -> None:
    merged = outcome(merge_lines, "curl\nmusl\n", "curl=8.5.0-r0\nmusl\n", "bash\ncurl\nmusl\n")
    assert merged == "bash\ncurl=8.5.0-r0\nmusl\n"


def test_a_package_whose_version_both_fixed_differently_is_for_a_person() -> None:
    assert outcome(merge_lines, "curl\n", "curl<8\nx\n", "curl>8\ny\n") == ("curl",)
    assert outcome(merge_lines, "", "curl@edge\nx\n", "curl\ny\n") == ("curl",)


def test_a_certificate_that_the_application_turned_off_is_off_and_stays_in_its_place() -> None:
    old = "# comment\nmozilla/A.crt\nmozilla/B=1.crt\nmozilla/B=2.crt\n"
    app = old.replace("mozilla/A", "!mozilla/A")
    assert outcome(merge_lines, old, app, old + "mozilla/C.crt\n") == app + "mozilla/C.crt\n"
    assert outcome(merge_lines, old, app, old.replace("mozilla/A.crt\n", "")) == ("mozilla/A.crt",)


def test_a_configuration_file_has_one_hash() -> None:
    old, app, new = (f"{digit * 32}  /etc/a b.conf\n" for digit in "0af")
    assert outcome(merge_lines, old, app, old + new.replace("a b", "c")) == app + new.replace("a b", "c")
    assert outcome(merge_lines, old, app, new) == ("/etc/a b.conf",)


def test_a_list_that_is_too_large_is_not_merged() -> None:
    with pytest.raises(MalformedError):
        merge_lines(b"a\n", b"b\n", b"c" * ((1 << 20) + 1))


def test_a_long_list_takes_no_time() -> None:
    body = b"".join(b"%d\n" % number for number in range(20_000))
    assert seconds(lambda body: merge_lines(b"x\n", body, b"\n" * 20_000 + body[::-1]), body) < 5


@given(LISTS, LISTS, LISTS)
@settings(max_examples=500)
def test_the_laws_hold_and_what_both_sides_kept_is_kept(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_lines, old, app, new)
    merged = merge_lines(old, app, new)
    if not isinstance(merged, Conflict) and old not in (app, new):
        lines = set(merged.split(b"\n"))
        assert {b"b", b"#"} & set(app.split(b"\n")) & set(new.split(b"\n")) <= lines
        assert lines <= {b"", *app.split(b"\n"), *new.split(b"\n")}
