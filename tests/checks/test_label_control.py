from rebaser.checks.label_control import CHECK
from rebaser.request import Severity
from tests.checks.evidence import an_evidence


def test_a_label_that_controls_the_host_is_told() -> None:
    (finding,) = CHECK.run(an_evidence(new_config={"Labels": {"traefik.enable": "true"}}).plan)
    assert (finding.severity, finding.subject) == (Severity.WARNING, "traefik.enable")


def test_an_ordinary_label_is_no_finding() -> None:
    assert list(CHECK.run(an_evidence(new_config={"Labels": {"org.example": "x"}}).plan)) == []
