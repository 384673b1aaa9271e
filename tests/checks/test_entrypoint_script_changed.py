from rebaser.checks.entrypoint_script_changed import CHECK
from rebaser.oci.strict_json import Json
from tests.checks.evidence import Files, an_evidence, found, program, script

CONFIG: dict[str, Json] = {"Entrypoint": ["/start"], "Cmd": ["serve"]}
OLD: Files = {"start": script("#!/bin/sh\n1"), "bin/sh": program(b"sh")}
NEW: Files = {"start": script("#!/bin/sh\n2"), "bin/sh": program(b"sh")}


def test_another_version_of_the_base_s_start_script_is_a_note() -> None:
    assert found(CHECK, an_evidence(OLD, new=NEW, base_config=CONFIG)) == [("note", "/start")]


def test_the_same_start_script_is_no_finding() -> None:
    assert found(CHECK, an_evidence(OLD, new=OLD, base_config=CONFIG)) == []
