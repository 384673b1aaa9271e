from rebaser.checks.locale_missing import CHECK
from tests.checks.evidence import an_evidence, found

ZONE = "usr/share/zoneinfo/US/Pacific"


def test_a_time_zone_whose_data_is_gone_is_a_blocker() -> None:
    assert found(CHECK, an_evidence({ZONE: "1"}, new={}, config={"Env": ["TZ=US/Pacific"]})) == [("blocker", "TZ")]


def test_a_locale_whose_data_is_gone_is_a_blocker() -> None:
    old = {"usr/lib/locale/de_DE.utf8/LC_CTYPE": "1"}
    assert found(CHECK, an_evidence(old, new={}, config={"Env": ["LANG=de_DE.UTF-8"]})) == [("blocker", "LANG")]


def test_what_is_built_in_is_no_finding() -> None:
    assert found(CHECK, an_evidence({ZONE: "1"}, new={}, config={"Env": ["TZ=UTC", "LANG=C"]})) == []


def test_data_that_was_never_there_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, new={}, config={"Env": ["TZ=US/Pacific"]})) == []
