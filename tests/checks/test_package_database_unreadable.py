from rebaser.checks.package_database_unreadable import CHECK
from tests.checks.evidence import an_evidence, found

STATUS = "var/lib/dpkg/status"
GOOD = "Package: a\nStatus: install ok installed\nVersion: 1\n"


def test_a_database_that_cannot_be_read_is_a_blocker_on_either_side() -> None:
    evidence = an_evidence({STATUS: GOOD}, [{STATUS: "no field"}], {STATUS: GOOD})
    assert found(CHECK, evidence) == [("blocker", f"/{STATUS}")]


def test_databases_that_can_be_read_are_no_finding() -> None:
    assert found(CHECK, an_evidence({STATUS: GOOD}, new={STATUS: GOOD})) == []
