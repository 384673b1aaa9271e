import base64

from rebaser.checks.certificates_shadowed import CHECK
from rebaser.request import Severity
from tests.checks.evidence import an_evidence, findings, found

PATH = "etc/ssl/certs/ca-certificates.crt"


def bundle(*names: str) -> str:
    texts = (base64.b64encode(f"certificate of {name}".encode()).decode() for name in names)
    return "".join(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n" for text in texts)


def test_a_certificate_that_the_new_base_no_longer_trusts_is_a_blocker() -> None:
    evidence = an_evidence({PATH: bundle("a", "bad")}, [{PATH: bundle("a", "bad", "own")}], {PATH: bundle("a")})
    (finding,) = findings(CHECK, evidence)
    assert (finding.severity, finding.subject) == (Severity.BLOCKER, f"/{PATH}")
    assert "no longer does" in finding.message


def test_a_certificate_that_the_new_base_added_would_be_missing() -> None:
    evidence = an_evidence({PATH: bundle("a")}, [{PATH: bundle("a", "own")}], {PATH: bundle("a", "new")})
    assert found(CHECK, evidence) == [("blocker", f"/{PATH}")]


def test_bases_that_trust_the_same_are_no_finding() -> None:
    evidence = an_evidence({PATH: bundle("a")}, [{PATH: bundle("a", "own")}], {PATH: bundle("a")})
    assert found(CHECK, evidence) == []
