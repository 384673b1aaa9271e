from rebaser.checks.copied_up_file import CHECK
from tests.builders import AFile
from tests.checks.evidence import an_evidence, found, program

PATH = "usr/lib/tool"


def test_a_copy_that_only_changed_its_owner_hides_the_new_base_s_version() -> None:
    evidence = an_evidence({PATH: "1"}, [{PATH: AFile("1", uid=7)}], {PATH: "2"})
    assert found(CHECK, evidence) == [("blocker", f"/{PATH}")]


def test_a_copy_of_what_the_new_base_no_longer_has_is_a_warning() -> None:
    assert found(CHECK, an_evidence({PATH: "1"}, [{PATH: AFile("1", uid=7)}], {})) == [("warning", f"/{PATH}")]


def test_a_program_of_the_old_base_under_another_name_hides_its_fix() -> None:
    evidence = an_evidence({PATH: program(b"1")}, [{"usr/bin/real": program(b"1")}], {PATH: program(b"2")})
    assert found(CHECK, evidence) == [("blocker", "/usr/bin/real")]


def test_a_copy_of_what_did_not_change_is_no_finding() -> None:
    assert found(CHECK, an_evidence({PATH: "1"}, [{PATH: AFile("1", uid=7)}], {PATH: "1"})) == []


def test_what_was_copied_in_is_no_copy_of_the_base_s() -> None:
    assert found(CHECK, an_evidence({PATH: "1"}, [{PATH: "1"}], {PATH: "2"}, steps=["COPY x /usr/lib/"])) == []
