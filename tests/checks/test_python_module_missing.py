from rebaser.checks.python_module_missing import CHECK
from tests.checks.evidence import Files, an_evidence, found
from tests.contents.elves import an_elf

OLD: Files = {"usr/lib/python3.11/os.py": "", "usr/lib/python3.11/pipes.py": "", "usr/lib/python3.11/ssl.py": ""}
NEW: Files = {"usr/lib/python3.13/os.py": "", "usr/lib/python3.13/ssl.py": ""}


def test_a_module_that_left_the_standard_library_is_a_blocker() -> None:
    assert found(CHECK, an_evidence(OLD, [{"app/tool.py": "import os, pipes\n"}], NEW)) == [("blocker", "pipes")]


def test_a_module_s_compiled_half_counts() -> None:
    old = {**OLD, "usr/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so": an_elf()}
    assert found(CHECK, an_evidence(old, [{"app/tool.py": "import ssl\n"}], NEW)) == [("blocker", "_ssl")]


def test_a_package_that_only_the_old_base_had_is_a_blocker() -> None:
    old = {**OLD, "usr/lib/python3/dist-packages/yaml/__init__.py": ""}
    assert found(CHECK, an_evidence(old, [{"app/tool.py": "from yaml import load\n"}], NEW)) == [("blocker", "yaml")]


def test_an_import_that_may_fail_is_no_finding() -> None:
    own = [{"app/tool.py": "try:\n    import pipes\nexcept ImportError:\n    pipes = None\n"}]
    assert found(CHECK, an_evidence(OLD, own, NEW)) == []


def test_a_base_without_python_is_told_by_other_checks() -> None:
    assert found(CHECK, an_evidence(OLD, [{"app/tool.py": "import pipes\n"}], {})) == []
