from rebaser.checks.distribution_changed import CHECK
from tests.checks.evidence import Files, an_evidence, found


def release(name: str, version: str) -> Files:
    return {"etc/os-release": f"ID={name}\nVERSION_ID={version}\n"}


def test_another_major_release_is_a_note() -> None:
    assert found(CHECK, an_evidence(release("debian", "12"), new=release("debian", "13"))) == [("note", "os-release")]


def test_another_distribution_is_a_warning() -> None:
    evidence = an_evidence(release("debian", "12"), new=release("alpine", "3.20"))
    assert found(CHECK, evidence) == [("warning", "os-release")]


def test_a_minor_release_is_no_finding() -> None:
    assert found(CHECK, an_evidence(release("alpine", "3.19"), new=release("alpine", "3.20"))) == []
