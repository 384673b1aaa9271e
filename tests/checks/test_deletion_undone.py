from rebaser.checks.deletion_undone import CHECK
from tests.builders import AFile
from tests.checks.evidence import an_evidence, found


def test_a_removed_library_that_is_back_under_another_version_is_a_warning() -> None:
    evidence = an_evidence(
        {"usr/lib/liba.so.1.2": "1"}, [{"usr/lib/.wh.liba.so.1.2": ""}], {"usr/lib/liba.so.1.3": "1"}
    )
    assert found(CHECK, evidence) == [("warning", "/usr/lib/liba.so.1.2")]


def test_a_removed_program_with_rights_that_is_back_is_a_blocker() -> None:
    old = {"usr/bin/su1": AFile("1", 0o4755)}
    evidence = an_evidence(old, [{"usr/bin/.wh.su1": ""}], {"usr/bin/su2": AFile("1", 0o4755)})
    assert found(CHECK, evidence) == [("blocker", "/usr/bin/su1")]


def test_what_stays_removed_is_no_finding() -> None:
    evidence = an_evidence({"usr/lib/a1": "1"}, [{"usr/lib/.wh.a1": ""}], {"usr/lib/a1": "2", "usr/lib/b2": "1"})
    assert found(CHECK, evidence) == []
