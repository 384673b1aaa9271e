from rebaser.checks.library_missing import CHECK
from rebaser.request import Severity
from tests.checks.evidence import an_evidence, findings, found
from tests.contents.elves import an_elf

LIB = "usr/lib/x86_64-linux-gnu/libssl.so.1.1"
WANTING = an_elf(needed=["libssl.so.1.1"])


def test_a_library_that_only_the_old_base_had_is_a_blocker() -> None:
    (finding,) = findings(CHECK, an_evidence({LIB: an_elf(soname="libssl.so.1.1")}, [{"app/run": WANTING}], {}))
    assert (finding.severity, finding.subject, finding.before) == (Severity.BLOCKER, "libssl.so.1.1", f"/{LIB}")
    assert "/app/run needs" in finding.message


def test_a_library_of_another_machine_does_not_count() -> None:
    new = {LIB: an_elf(soname="libssl.so.1.1", machine=183)}
    evidence = an_evidence({LIB: an_elf(soname="libssl.so.1.1")}, [{"app/run": WANTING}], new)
    assert found(CHECK, evidence) == [("blocker", "libssl.so.1.1")]


def test_a_library_of_the_application_s_own_is_found_by_its_runpath() -> None:
    own = {"app/run": an_elf(needed=["libx.so"], runpath="$ORIGIN/lib"), "app/lib/libx.so": an_elf(soname="libx.so")}
    assert found(CHECK, an_evidence({}, [own], {})) == []


def test_a_library_that_was_missing_before_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, [{"app/run": WANTING}], {})) == []


def test_a_program_of_the_base_that_worked_and_now_lacks_its_library_is_a_blocker() -> None:
    old = {LIB: an_elf(soname="libssl.so.1.1"), "usr/bin/tool": WANTING}
    assert found(CHECK, an_evidence(old, new={"usr/bin/tool": WANTING})) == [("blocker", "libssl.so.1.1")]


def test_a_file_of_the_base_under_another_version_s_name_is_a_warning() -> None:
    old = {LIB: an_elf(soname="libssl.so.1.1"), "usr/lib/php/2022/x.so": WANTING}
    assert found(CHECK, an_evidence(old, new={"usr/lib/php/2024/x.so": WANTING})) == [("warning", "libssl.so.1.1")]


def test_what_is_wrong_with_the_new_base_alone_is_not_the_rebase_s_doing() -> None:
    assert found(CHECK, an_evidence({}, new={"usr/bin/other": WANTING})) == []
