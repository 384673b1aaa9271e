from hypothesis import given
from hypothesis import strategies as st

from rebaser.mergers.accounts import merge_group, merge_passwd, merge_ranges, merge_shadow
from tests.mergers.laws import assert_laws, outcome

ROOT = "root:x:0:0:root:/root:/bin/bash\n"
NOBODY = "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"
APP = "app:x:1000:1000::/home/app:/bin/sh\n"
NEW = "messagebus:x:101:101::/run/dbus:/usr/sbin/nologin\n"


def test_the_application_s_user_is_there_and_the_new_base_s_too() -> None:
    assert outcome(merge_passwd, ROOT + NOBODY, ROOT + NOBODY + APP, ROOT + NEW + NOBODY) == ROOT + NEW + NOBODY + APP


def test_a_shell_that_the_application_changed_and_a_home_that_the_base_changed_are_both_changed() -> None:
    app, new = ROOT.replace("bash", "zsh"), ROOT.replace(":/root:", ":/var/root:")
    assert outcome(merge_passwd, ROOT, app, new) == "root:x:0:0:root:/var/root:/bin/zsh\n"


def test_one_shell_changed_in_two_ways_is_a_conflict() -> None:
    app, new = ROOT.replace("bash", "zsh"), ROOT.replace("bash", "dash")
    assert outcome(merge_passwd, ROOT, app, new) == ("root: shell",)


def test_two_users_with_one_number_are_a_conflict() -> None:
    assert outcome(merge_passwd, ROOT, ROOT + APP.replace("1000", "101"), ROOT + NEW) == ("uid 101: app, messagebus",)


def test_members_of_a_group_are_those_of_both() -> None:
    assert outcome(merge_group, "adm:x:4:\n", "adm:x:4:app\n", "adm:x:4:syslog\n") == "adm:x:4:syslog,app\n"


def test_a_password_stays_when_the_base_changes_others() -> None:
    assert outcome(merge_shadow, "a:*:1:0:99999:7:::\n", "a:!h:1:0:99999:7:::\n", "a:*:2:0:99999:7:::\n") == (
        "a:!h:2:0:99999:7:::\n"
    )


def test_ranges_that_overlap_are_a_conflict() -> None:
    assert outcome(merge_ranges, "", "app:100000:65536\n", "other:165535:10\n") == (
        "app and other: overlapping ranges",
    )


lines = st.lists(
    st.sampled_from([ROOT, ROOT.replace("bash", "zsh"), NOBODY, APP, NEW, NEW.replace("101:101", "102:101"), "#x\n"]),
    unique_by=lambda line: line.split(":")[0],
).map(lambda listed: "".join(listed).encode())


@given(lines, lines, lines)
def test_the_laws_hold(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_passwd, old, app, new)
