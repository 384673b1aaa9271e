from rebaser.checks.library_loaded_missing import CHECK
from tests.checks.evidence import an_evidence, found
from tests.contents.elves import an_elf

LIB = "usr/lib/x86_64-linux-gnu/libapt-pkg.so.6.0"


def test_a_library_that_a_program_names_and_that_is_gone_is_a_blocker() -> None:
    naming = an_elf(text=b"\0libapt-pkg.so.6.0\0")
    evidence = an_evidence({LIB: an_elf(soname="libapt-pkg.so.6.0")}, [{"app/run": naming}], {})
    assert found(CHECK, evidence) == [("blocker", "libapt-pkg.so.6.0")]


def test_a_name_that_was_never_found_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, [{"app/run": an_elf(text=b"\0libnone.so.1\0")}], {})) == []
