from rebaser.checks.program_unreadable import CHECK
from tests.checks.evidence import an_evidence, found
from tests.contents.elves import an_elf


def test_a_library_that_is_cut_off_is_a_warning() -> None:
    assert found(CHECK, an_evidence({}, [{"app/x.so": an_elf(needed=["libc.so.6"])[:100]}], {})) == [
        ("warning", "/app/x.so")
    ]


def test_a_library_of_the_base_is_not_the_application_s_matter() -> None:
    broken = {"lib/x.so": an_elf()[:100]}
    assert found(CHECK, an_evidence(broken, new=broken)) == []


def test_a_whole_library_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, [{"app/x.so": an_elf()}], {})) == []
