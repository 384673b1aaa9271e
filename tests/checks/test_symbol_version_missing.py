from rebaser.checks.symbol_version_missing import CHECK
from rebaser.request import Severity
from tests.checks.evidence import an_evidence, findings, found
from tests.contents.elves import an_elf

LIB = "usr/lib/x86_64-linux-gnu/libc.so.6"
WANTING = an_elf(needed=["libc.so.6"], required={"libc.so.6": ["GLIBC_2.38"]})


def libc(*versions: str) -> bytes:
    return an_elf(soname="libc.so.6", provided=versions)


def test_a_version_that_an_older_library_does_not_provide_is_a_blocker() -> None:
    evidence = an_evidence({LIB: libc("GLIBC_2.34", "GLIBC_2.38")}, [{"app/run": WANTING}], {LIB: libc("GLIBC_2.34")})
    (finding,) = findings(CHECK, evidence)
    assert (finding.severity, finding.subject) == (Severity.BLOCKER, "libc.so.6 GLIBC_2.38")
    assert finding.message.startswith("/app/run wants GLIBC_2.38 of libc.so.6")


def test_a_version_that_is_provided_is_no_finding() -> None:
    evidence = an_evidence({LIB: libc("GLIBC_2.38")}, [{"app/run": WANTING}], {LIB: libc("GLIBC_2.38", "GLIBC_2.41")})
    assert found(CHECK, evidence) == []


def test_a_version_that_was_missing_before_is_no_finding() -> None:
    evidence = an_evidence({LIB: libc("GLIBC_2.34")}, [{"app/run": WANTING}], {LIB: libc("GLIBC_2.34")})
    assert found(CHECK, evidence) == []
