import importlib.util
import struct

from rebaser.checks.bytecode_stale import CHECK
from tests.checks.evidence import an_evidence, found

SOURCE = "usr/lib/python3.11/x.py"
CACHE = "usr/lib/python3.11/__pycache__/x.cpython-311.pyc"


def pyc(flags: int) -> bytes:
    return importlib.util.MAGIC_NUMBER + struct.pack("<I", flags) + bytes(8)


def test_compiled_code_that_is_never_held_against_its_source_is_a_blocker() -> None:
    assert found(CHECK, an_evidence({SOURCE: "1"}, [{CACHE: pyc(1)}], {SOURCE: "2"})) == [("blocker", f"/{CACHE}")]


def test_compiled_code_that_goes_by_the_time_is_no_finding() -> None:
    assert found(CHECK, an_evidence({SOURCE: "1"}, [{CACHE: pyc(0)}], {SOURCE: "2"})) == []


def test_a_source_that_did_not_change_is_no_finding() -> None:
    assert found(CHECK, an_evidence({SOURCE: "1"}, [{CACHE: pyc(1)}], {SOURCE: "1"})) == []
