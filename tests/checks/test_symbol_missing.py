from rebaser.checks.symbol_missing import CHECK
from tests.checks.evidence import an_evidence, findings, found
from tests.contents.elves import an_elf

LIB = "usr/lib/x86_64-linux-gnu/libx.so.1"
WANTING = an_elf(needed=["libx.so.1"], undefined=["x_old", "x_kept"])


def test_a_symbol_that_the_new_library_lacks_is_a_blocker() -> None:
    old, new = (an_elf(soname="libx.so.1", defined=names) for names in (["x_old", "x_kept"], ["x_kept"]))
    (finding,) = findings(CHECK, an_evidence({LIB: old}, [{"app/run": WANTING}], {LIB: new}))
    assert (finding.subject, finding.before) == ("/app/run", ["x_old"])


def test_a_symbol_that_a_program_gives_to_its_modules_is_no_finding() -> None:
    module = an_elf(undefined=["PyList_New"])
    assert found(CHECK, an_evidence({}, [{"app/module.so": module}], {})) == []


def test_symbols_that_are_there_are_no_finding() -> None:
    library = an_elf(soname="libx.so.1", defined=["x_old", "x_kept"])
    assert found(CHECK, an_evidence({LIB: library}, [{"app/run": WANTING}], {LIB: library})) == []
