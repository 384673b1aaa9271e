from rebaser.checks.conffile_shadowed import CHECK
from tests.checks.evidence import an_evidence, found

PATH = "etc/login.defs"


def test_a_setting_that_both_sides_edited_is_a_warning() -> None:
    assert found(CHECK, an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "2"})) == [("warning", f"/{PATH}")]


def test_a_setting_that_the_new_base_did_not_change_is_no_finding() -> None:
    assert found(CHECK, an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "1"})) == []


def test_a_setting_that_was_copied_in_is_what_a_rebuild_copies_in() -> None:
    assert found(CHECK, an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "2"}, steps=["COPY x /etc/"])) == []
