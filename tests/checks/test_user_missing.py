from rebaser.checks.user_missing import CHECK
from tests.checks.evidence import an_evidence, findings, found

PASSWD = "etc/passwd"
OLD, NONE = {PASSWD: "web:x:33:33::/:/bin/sh\n"}, {PASSWD: "root:x:0:0::/:/bin/sh\n"}


def test_a_user_that_only_the_old_base_had_is_a_blocker() -> None:
    assert found(CHECK, an_evidence(OLD, new=NONE, config={"User": "web"})) == [("blocker", "web")]


def test_a_user_that_has_another_number_is_a_blocker() -> None:
    new = {PASSWD: "web:x:34:34::/:/bin/sh\n"}
    (finding,) = findings(CHECK, an_evidence(OLD, new=new, config={"User": "web"}))
    assert (finding.before, finding.after) == (33, 34)


def test_a_group_that_is_gone_is_a_blocker() -> None:
    old = {**OLD, "etc/group": "www:x:33:\n"}
    assert found(CHECK, an_evidence(old, new=OLD, config={"User": "web:www"})) == [("blocker", "www")]


def test_a_user_of_odd_digits_is_no_number() -> None:
    for user in ("²", "9" * 5000):
        assert found(CHECK, an_evidence(OLD, new=NONE, config={"User": user})) == []


def test_a_number_needs_no_account() -> None:
    assert found(CHECK, an_evidence(OLD, new=NONE, config={"User": "1000:1000"})) == []
