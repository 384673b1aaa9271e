import pytest

from rebaser.checks.package_database_shadowed import CHECK
from tests.checks.evidence import an_evidence, found

STATUS = "var/lib/dpkg/status"
APK, MOVED = "lib/apk/db/installed", "usr/lib/apk/db/installed"


@pytest.mark.parametrize("path", [STATUS, APK, "var/lib/rpm/rpmdb.sqlite"])
def test_a_database_of_the_old_base_over_another_one_is_a_blocker(path: str) -> None:
    assert found(CHECK, an_evidence({path: "a"}, [{path: "a, own"}], {path: "b"})) == [("blocker", f"/{path}")]


def test_bases_with_one_and_the_same_database_are_no_finding() -> None:
    assert found(CHECK, an_evidence({STATUS: "a"}, [{STATUS: "a, own"}], {STATUS: "a"})) == []


def test_a_record_of_its_own_beside_the_base_s_is_no_finding() -> None:
    directory = "var/lib/dpkg/status.d"
    evidence = an_evidence({f"{directory}/base": "1"}, [{f"{directory}/own": "1"}], {f"{directory}/base": "2"})
    assert found(CHECK, evidence) == []


def test_a_database_that_the_new_base_keeps_elsewhere_is_a_blocker() -> None:
    evidence = an_evidence({APK: "P:a\nV:1\n"}, [{APK: "P:a\nV:1\n\nP:b\nV:1\n"}], {MOVED: "P:a\nV:2\n"})
    assert found(CHECK, evidence) == [("blocker", f"/{APK}")]


def test_a_database_that_was_led_to_where_the_new_base_has_its_own_is_a_blocker() -> None:
    assert found(CHECK, an_evidence({APK: "a"}, [{MOVED: "a, own"}], {MOVED: "b"})) == [("blocker", f"/{MOVED}")]
