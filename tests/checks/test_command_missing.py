from rebaser.checks.command_missing import CHECK
from rebaser.oci.strict_json import Json
from tests.checks.evidence import Files, an_evidence, findings, found, program, script

BASE: Files = {"bin/sh": program(b"sh"), "usr/sbin/adduser": program(b"1")}
NEW: Files = {"bin/sh": program(b"sh")}


def test_a_command_of_a_script_that_the_new_base_lacks_is_a_blocker() -> None:
    evidence = an_evidence(BASE, [{"app/start": script("#!/bin/sh\nadduser app\n")}], NEW)
    (finding,) = findings(CHECK, evidence)
    assert (finding.subject, finding.before) == ("adduser", "/usr/sbin/adduser")
    assert "/app/start uses adduser in line 2" in finding.message


def test_a_command_of_a_shell_line_counts() -> None:
    config: dict[str, Json] = {"Cmd": ["/bin/sh", "-c", "true && adduser app"]}
    assert found(CHECK, an_evidence(BASE, new=NEW, config=config)) == [("blocker", "adduser")]


def test_a_command_that_the_script_looks_for_first_is_no_finding() -> None:
    text = "#!/bin/sh\nif command -v adduser; then adduser app; fi\n"
    assert found(CHECK, an_evidence(BASE, [{"app/start": script(text)}], NEW)) == []


def test_a_command_that_was_never_there_is_no_finding() -> None:
    assert found(CHECK, an_evidence(BASE, [{"app/start": script("#!/bin/sh\nnowhere\n")}], NEW)) == []
