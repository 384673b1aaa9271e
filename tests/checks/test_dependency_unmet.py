from rebaser.checks.dependency_unmet import CHECK
from tests.checks.evidence import an_evidence, found

STATUS = "var/lib/dpkg/status"


def package(name: str, version: str = "1", depends: str = "") -> str:
    told = f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
    return told + (f"Depends: {depends}\n" if depends else "") + "\n"


OWN = package("own", depends="libssl3 (>= 3.0) | libssl1.1")


def test_an_own_package_whose_library_the_new_base_lacks_is_a_blocker() -> None:
    base = package("libssl3", "3.0.1")
    evidence = an_evidence({STATUS: base}, [{STATUS: base + OWN}], {STATUS: package("other")})
    assert found(CHECK, evidence) == [("blocker", "own")]


def test_an_alternative_that_the_new_base_has_will_do() -> None:
    base = package("libssl3", "3.0.1")
    evidence = an_evidence({STATUS: base}, [{STATUS: base + OWN}], {STATUS: package("libssl1.1")})
    assert found(CHECK, evidence) == []


def test_what_was_unmet_before_is_no_finding() -> None:
    base = package("other")
    assert found(CHECK, an_evidence({STATUS: base}, [{STATUS: base + OWN}], {STATUS: base})) == []
