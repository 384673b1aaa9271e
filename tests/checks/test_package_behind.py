from rebaser.checks.package_behind import CHECK
from tests.checks.evidence import an_evidence, found

STATUS = "var/lib/dpkg/status"


def status(**versions: str) -> str:
    stanza = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\n"
    return "\n".join(stanza.format(name, version) for name, version in versions.items())


def test_a_package_that_the_application_upgraded_less_far_than_the_new_base_is_a_blocker() -> None:
    evidence = an_evidence(
        {STATUS: status(openssl="3.0.1")}, [{STATUS: status(openssl="3.0.2")}], {STATUS: status(openssl="3.0.10")}
    )
    assert found(CHECK, evidence) == [("blocker", "openssl")]


def test_a_package_that_was_put_back_on_purpose_is_told() -> None:
    evidence = an_evidence({STATUS: status(x="2")}, [{STATUS: status(x="1")}], {STATUS: status(x="0.9")})
    assert found(CHECK, evidence) == [("warning", "x")]


def test_a_package_that_the_application_did_not_touch_is_no_finding() -> None:
    evidence = an_evidence({STATUS: status(x="1")}, [{STATUS: status(x="1", own="5")}], {STATUS: status(x="2")})
    assert found(CHECK, evidence) == []
