from rebaser.checks.working_directory_missing import CHECK
from tests.checks.evidence import an_evidence, found


def test_a_directory_that_is_not_there_is_made_and_so_a_note() -> None:
    assert found(CHECK, an_evidence({"srv/": ""}, new={}, config={"WorkingDir": "/srv"})) == [("note", "/srv")]


def test_a_file_in_its_place_is_a_blocker() -> None:
    assert found(CHECK, an_evidence({"srv/": ""}, new={"srv": "1"}, config={"WorkingDir": "/srv"})) == [
        ("blocker", "/srv")
    ]


def test_a_directory_that_is_there_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"srv/": ""}, new={"srv/": ""}, config={"WorkingDir": "/srv"})) == []
