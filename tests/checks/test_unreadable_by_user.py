from rebaser.checks.unreadable_by_user import CHECK
from rebaser.oci.strict_json import Json
from tests.builders import AFile
from tests.checks.evidence import Files, an_evidence, findings, found, program

CONFIG: dict[str, Json] = {"Cmd": ["/opt/tool"], "User": "1000"}


def test_a_program_behind_a_directory_that_was_closed_is_a_blocker() -> None:
    new: Files = {"opt/": "", "opt/tool": AFile(b"1", 0o700)}
    evidence = an_evidence({"opt/tool": program(b"1")}, new=new, config=CONFIG)
    (finding,) = findings(CHECK, evidence)
    assert (finding.subject, finding.after) == ("/opt/tool", "0700")


def test_root_may_start_anything() -> None:
    new = {"opt/tool": AFile(b"1", 0o700)}
    assert found(CHECK, an_evidence({"opt/tool": program(b"1")}, new=new, config={"Cmd": ["/opt/tool"]})) == []


def test_its_own_group_is_enough() -> None:
    new = {"opt/tool": AFile(b"1", 0o750, gid=7)}
    config: dict[str, Json] = {"Cmd": ["/opt/tool"], "User": "1000:7"}
    assert found(CHECK, an_evidence({"opt/tool": program(b"1")}, new=new, config=config)) == []


def test_what_was_closed_before_is_no_finding() -> None:
    closed = {"opt/tool": AFile(b"1", 0o700)}
    assert found(CHECK, an_evidence(closed, new=closed, config=CONFIG)) == []
