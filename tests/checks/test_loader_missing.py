from rebaser.checks.loader_missing import CHECK
from tests.checks.evidence import an_evidence, found, program
from tests.contents.elves import an_elf

GLIBC, MUSL = "/lib64/ld-linux-x86-64.so.2", "lib/ld-musl-x86_64.so.1"


def test_a_program_for_another_c_library_is_a_blocker() -> None:
    base = {GLIBC[1:]: program(b"ld")}
    evidence = an_evidence(base, [{"app/run": an_elf(interpreter=GLIBC)}], {MUSL: program(b"ld")})
    assert found(CHECK, evidence) == [("blocker", GLIBC)]


def test_a_loader_that_is_there_is_no_finding() -> None:
    base = {GLIBC[1:]: program(b"ld")}
    assert found(CHECK, an_evidence(base, [{"app/run": an_elf(interpreter=GLIBC)}], base)) == []
