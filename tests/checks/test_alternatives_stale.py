from rebaser.checks.alternatives_stale import CHECK
from tests.builders import symlink
from tests.checks.evidence import an_evidence, found

PATH = "etc/alternatives/editor"


def test_the_old_base_s_choice_over_the_new_base_s_is_a_warning() -> None:
    evidence = an_evidence({PATH: symlink("/bin/nano")}, [{PATH: symlink("/bin/nano")}], {PATH: symlink("/bin/vim")})
    assert found(CHECK, evidence) == [("warning", f"/{PATH}")]


def test_a_choice_of_the_application_s_own_is_no_finding() -> None:
    evidence = an_evidence({PATH: symlink("/bin/nano")}, [{PATH: symlink("/app/ed")}], {PATH: symlink("/bin/vim")})
    assert found(CHECK, evidence) == []
