from rebaser.checks.accounts_shadowed import CHECK
from tests.checks.evidence import an_evidence, found


def passwd(**users: int) -> str:
    return "".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in users.items())


def test_a_user_that_the_new_base_added_would_be_missing() -> None:
    evidence = an_evidence(
        {"etc/passwd": passwd(root=0)},
        [{"etc/passwd": passwd(root=0, own=1000)}],
        {"etc/passwd": passwd(root=0, service=100)},
    )
    assert found(CHECK, evidence) == [("blocker", "/etc/passwd")]


def test_a_user_that_the_new_base_renumbered_would_have_the_old_number() -> None:
    evidence = an_evidence(
        {"etc/passwd": passwd(nginx=101)}, [{"etc/passwd": passwd(nginx=101, own=1)}], {"etc/passwd": passwd(nginx=999)}
    )
    assert found(CHECK, evidence) == [("blocker", "/etc/passwd")]


def test_bases_with_the_same_accounts_are_no_finding() -> None:
    evidence = an_evidence(
        {"etc/passwd": passwd(root=0)}, [{"etc/passwd": passwd(root=0, own=1)}], {"etc/passwd": passwd(root=0)}
    )
    assert found(CHECK, evidence) == []


def test_a_list_of_secrets_that_differs_is_a_warning() -> None:
    evidence = an_evidence({"etc/shadow": "root:*:1\n"}, [{"etc/shadow": "own:*:1\n"}], {"etc/shadow": "root:*:2\n"})
    assert found(CHECK, evidence) == [("warning", "/etc/shadow")]
