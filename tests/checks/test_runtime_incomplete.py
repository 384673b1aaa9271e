from rebaser.checks.runtime_incomplete import CHECK
from tests.checks.evidence import Files, an_evidence, found
from tests.contents.elves import an_elf


def java(version: int, *names: str) -> Files:
    return {f"usr/lib/jvm/java-{version}/lib/{name}": an_elf() for name in names}


def test_a_library_that_only_the_old_java_has_is_a_warning() -> None:
    evidence = an_evidence(java(17, "libjava.so", "libnet.so"), new=java(21, "libnet.so"))
    assert found(CHECK, evidence) == [("warning", "/usr/lib/jvm/java-17/lib")]


def test_the_same_libraries_under_another_version_are_no_finding() -> None:
    assert found(CHECK, an_evidence(java(17, "libjava.so"), new=java(21, "libjava.so", "libmore.so"))) == []


def test_a_base_without_that_runtime_is_told_by_other_checks() -> None:
    assert found(CHECK, an_evidence(java(17, "libjava.so"), new={})) == []
