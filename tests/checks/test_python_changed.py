from rebaser.checks.python_changed import CHECK
from tests.checks.evidence import Files, an_evidence, found, program
from tests.contents.elves import an_elf

OLD: Files = {"usr/bin/python3.11": program(b"1"), "usr/lib/python3.11/os.py": "1"}
NEW: Files = {"usr/bin/python3.13": program(b"1"), "usr/lib/python3.13/os.py": "1"}
SITE = "usr/local/lib/python3.11/site-packages"


def test_packages_for_a_python_that_is_gone_are_a_blocker() -> None:
    assert found(CHECK, an_evidence(OLD, [{f"{SITE}/own/x.py": "1"}], NEW)) == [("blocker", "python3.11")]


def test_a_compiled_module_for_a_python_that_is_gone_is_a_blocker_wherever_it_lies() -> None:
    own = [{"app/x.cpython-311-x86_64-linux-gnu.so": an_elf()}]
    assert found(CHECK, an_evidence(OLD, own, NEW)) == [("blocker", "python3.11")]


def test_a_module_for_the_stable_abi_fits_any() -> None:
    assert found(CHECK, an_evidence(OLD, [{"app/x.abi3.so": an_elf()}], NEW)) == []


def test_a_virtual_environment_whose_python_is_gone_is_a_blocker() -> None:
    own = [{"opt/venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n"}]
    assert found(CHECK, an_evidence(OLD, own, NEW)) == [("blocker", "/opt/venv")]


def test_a_python_that_stayed_is_no_finding() -> None:
    assert found(CHECK, an_evidence(OLD, [{f"{SITE}/own/x.py": "1"}], OLD)) == []
