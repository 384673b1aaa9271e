from rebaser.checks.processor_baseline import CHECK
from tests.checks.evidence import Files, an_evidence, found
from tests.contents.elves import an_elf

LIBC = "usr/lib/x86_64-linux-gnu/libc.so.6"


def libc(isa: int = 1, kernel: tuple[int, int, int] = (3, 2, 0)) -> Files:
    return {LIBC: an_elf(soname="libc.so.6", isa=isa, kernel=kernel)}


def test_a_base_for_newer_processors_is_a_warning() -> None:
    assert found(CHECK, an_evidence(libc(), new=libc(isa=2))) == [("warning", "x86-64-v2")]


def test_a_distribution_that_is_known_for_it_is_a_warning() -> None:
    new = {**libc(), "etc/os-release": 'ID="rocky"\nID_LIKE="rhel centos"\nVERSION_ID="9.4"\n'}
    assert found(CHECK, an_evidence(libc(), new=new)) == [("warning", "x86-64-v2")]


def test_a_newer_kernel_is_a_note() -> None:
    assert found(CHECK, an_evidence(libc(), new=libc(kernel=(4, 19, 0)))) == [("note", "kernel")]


def test_the_same_needs_are_no_finding() -> None:
    assert found(CHECK, an_evidence(libc(isa=2), new=libc())) == []
