from rebaser.checks.openssl_changed import CHECK
from tests.checks.evidence import Files, an_evidence, found

OLD, NEW = {"usr/lib/libssl.so.1.1": "1"}, {"usr/lib/libssl.so.3": "1"}
OWN: list[Files] = [{"etc/ssl/openssl.cnf": "x = 1\n"}]


def test_an_own_configuration_for_another_major_version_is_a_warning() -> None:
    assert found(CHECK, an_evidence(OLD, OWN, NEW)) == [("warning", "/etc/ssl/openssl.cnf")]


def test_the_same_version_is_no_finding() -> None:
    assert found(CHECK, an_evidence(NEW, OWN, NEW)) == []


def test_the_base_s_own_configuration_is_no_finding() -> None:
    assert found(CHECK, an_evidence(OLD, new=NEW)) == []
