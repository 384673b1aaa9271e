from rebaser.checks.shebang_missing import CHECK
from tests.checks.evidence import an_evidence, found, program, script

PYTHON = "usr/bin/python3.11"


def test_a_script_whose_interpreter_is_gone_is_a_blocker() -> None:
    evidence = an_evidence({PYTHON: program(b"1")}, [{"app/tool": script(f"#!/{PYTHON}\n")}], {})
    assert found(CHECK, evidence) == [("blocker", f"/{PYTHON}")]


def test_a_script_that_goes_by_env_is_looked_for_in_path() -> None:
    base = {"usr/bin/env": program(b"1"), "usr/bin/ruby": program(b"1")}
    own = [{"app/tool": script("#!/usr/bin/env ruby\n")}]
    assert found(CHECK, an_evidence(base, own, {"usr/bin/env": program(b"1")})) == [("blocker", "ruby")]


def test_a_script_that_nobody_may_execute_is_no_finding() -> None:
    assert found(CHECK, an_evidence({PYTHON: program(b"1")}, [{"app/tool": f"#!/{PYTHON}\n"}], {})) == []


def test_a_script_that_never_worked_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, [{"app/tool": script("#!/nowhere\n")}], {})) == []
