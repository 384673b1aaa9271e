from rebaser.checks.privileges_changed import CHECK
from tests.builders import AFile
from tests.checks.evidence import an_evidence, found


def test_a_copy_that_keeps_rights_that_the_new_base_took_away_is_a_warning() -> None:
    evidence = an_evidence(
        {"bin/ping": AFile("1", 0o4755)}, [{"bin/ping": AFile("1", 0o4755)}], {"bin/ping": AFile("2", 0o755)}
    )
    assert found(CHECK, evidence) == [("warning", "/bin/ping")]


def test_a_capability_counts_as_well() -> None:
    capable = AFile("2", 0o755, xattrs={"security.capability": "x"})
    evidence = an_evidence({"bin/ping": AFile("1", 0o755)}, [{"bin/ping": AFile("1", 0o755)}], {"bin/ping": capable})
    assert found(CHECK, evidence) == [("warning", "/bin/ping")]


def test_rights_that_the_application_changed_itself_are_no_finding() -> None:
    evidence = an_evidence(
        {"bin/su": AFile("1", 0o4755)}, [{"bin/su": AFile("1", 0o755)}], {"bin/su": AFile("1", 0o4755)}
    )
    assert found(CHECK, evidence) == []
