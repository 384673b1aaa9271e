from rebaser.checks.entrypoint_missing import CHECK
from tests.checks.evidence import Files, an_evidence, findings, found, program, script

BASE: Files = {"bin/sh": program(b"sh"), "usr/bin/serve": program(b"1")}


def test_a_command_that_the_new_base_lacks_is_a_blocker() -> None:
    evidence = an_evidence(BASE, new={"bin/sh": program(b"sh")}, config={"Cmd": ["serve"]})
    assert found(CHECK, evidence) == [("blocker", "serve")]


def test_a_command_that_may_not_be_executed_any_more_is_a_blocker() -> None:
    evidence = an_evidence(BASE, new={"usr/bin/serve": "1"}, config={"Cmd": ["/usr/bin/serve"]})
    (finding,) = findings(CHECK, evidence)
    assert "nobody may execute it" in finding.message


def test_a_script_whose_interpreter_is_gone_is_a_blocker() -> None:
    evidence = an_evidence(BASE, [{"run": script("#!/bin/sh\n")}], {}, config={"Entrypoint": ["/run"]})
    (finding,) = findings(CHECK, evidence)
    assert "/run wants /bin/sh" in finding.message


def test_what_a_shell_line_starts_counts() -> None:
    evidence = an_evidence(BASE, new={"bin/sh": program(b"sh")}, config={"Cmd": ["/bin/sh", "-c", "exec serve --now"]})
    assert found(CHECK, evidence) == [("blocker", "serve")]


def test_what_was_missing_before_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, new={}, config={"Cmd": ["serve"]})) == []


def test_a_command_that_is_there_is_no_finding() -> None:
    assert found(CHECK, an_evidence(BASE, new=BASE, config={"Cmd": ["serve"]})) == []
