from rebaser.checks.hardening_undone import CHECK
from tests.builders import AFile
from tests.checks.evidence import an_evidence, found


def test_new_programs_with_rights_undo_what_the_application_took_away() -> None:
    evidence = an_evidence(
        {"bin/su": AFile("1", 0o4755)},
        [{"bin/su": AFile("1", 0o755)}],
        {"bin/su": AFile("1", 0o4755), "bin/other": AFile("1", 0o4755)},
    )
    assert found(CHECK, evidence) == [("blocker", "/bin/other")]


def test_an_application_that_hardened_nothing_is_no_finding() -> None:
    evidence = an_evidence({"bin/su": AFile("1", 0o4755)}, new={"bin/other": AFile("1", 0o4755)})
    assert found(CHECK, evidence) == []
