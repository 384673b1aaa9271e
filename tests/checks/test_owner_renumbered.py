from rebaser.checks.owner_renumbered import CHECK
from tests.builders import AFile
from tests.checks.evidence import an_evidence, found

OLD, NEW = "nginx:x:101:101::/:/bin/sh\n", "nginx:x:999:999::/:/bin/sh\n"


def test_files_of_a_user_that_has_another_number_now_are_a_blocker() -> None:
    evidence = an_evidence({"etc/passwd": OLD}, [{"srv/page": AFile("x", uid=101)}], {"etc/passwd": NEW})
    assert found(CHECK, evidence) == [("blocker", "nginx")]


def test_files_of_root_are_no_finding() -> None:
    assert found(CHECK, an_evidence({"etc/passwd": OLD}, [{"srv/page": "x"}], {"etc/passwd": NEW})) == []


def test_a_user_that_kept_its_number_is_no_finding() -> None:
    evidence = an_evidence({"etc/passwd": OLD}, [{"srv/page": AFile("x", uid=101)}], {"etc/passwd": OLD})
    assert found(CHECK, evidence) == []
