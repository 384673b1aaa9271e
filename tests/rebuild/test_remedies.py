from rebaser.rebuild.remedies import AGAIN, reason, remedy

UNGRANTED = (
    "Error during unshare(CLONE_NEWUSER): Operation not permitted",
    'time="2026-11-27T06:58:49Z" level=error msg="parsing PID"',
    'time="2026-11-27T06:58:49Z" level=error msg="(Unable to determine exit status)"',
)


def test_buildah_in_a_plain_container_is_told_which_grant_it_lacks() -> None:
    assert reason(UNGRANTED) == "Error during unshare(CLONE_NEWUSER): Operation not permitted"
    assert "--cap-add SYS_ADMIN" in remedy(UNGRANTED)


def test_a_build_that_fails_of_itself_is_to_be_run_by_hand() -> None:
    assert remedy(("make: *** [all] Error 2",)) == AGAIN
    assert reason(("one", "two")) == "two"
    assert reason(()) == "it printed nothing"
