from rebaser.checks.java_changed import CHECK
from tests.checks.evidence import Files, an_evidence, findings, found, program


def java(version: int) -> Files:
    return {"opt/java/release": f'JAVA_VERSION="{version}.0.1"\n', "opt/java/bin/java": program(b"1")}


ENV = ["JAVA_HOME=/opt/java"]
FOR_21 = b"\xca\xfe\xba\xbe\0\0\0\x41"


def test_classes_that_an_older_java_cannot_read_are_a_blocker() -> None:
    evidence = an_evidence(java(21), [{"app/A.class": FOR_21}], java(17), env=ENV)
    (finding,) = findings(CHECK, evidence)
    assert (finding.subject, finding.before, finding.after) == ("/app/A.class", 21, 17)


def test_a_newer_java_reads_older_classes() -> None:
    assert found(CHECK, an_evidence(java(21), [{"app/A.class": FOR_21}], java(25), env=ENV)) == []


def test_classes_that_are_old_enough_are_no_finding() -> None:
    own = [{"app/A.class": FOR_21[:7] + b"\x37"}]
    assert found(CHECK, an_evidence(java(21), own, java(17), env=ENV)) == []
