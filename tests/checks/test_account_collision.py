from rebaser.checks.account_collision import CHECK
from tests.checks.evidence import an_evidence, found


def passwd(**users: int) -> str:
    return "".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in users.items())


def test_an_added_user_whose_number_the_new_base_gave_to_another_is_a_blocker() -> None:
    evidence = an_evidence(
        {"etc/passwd": passwd(root=0)},
        [{"etc/passwd": passwd(root=0, own=999)}],
        {"etc/passwd": passwd(root=0, systemd=999)},
    )
    assert found(CHECK, evidence) == [("blocker", "own")]


def test_a_number_of_its_own_is_no_finding() -> None:
    evidence = an_evidence(
        {"etc/passwd": passwd(root=0)},
        [{"etc/passwd": passwd(root=0, own=1000)}],
        {"etc/passwd": passwd(root=0, systemd=999)},
    )
    assert found(CHECK, evidence) == []
