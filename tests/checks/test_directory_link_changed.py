import pytest

from rebaser.checks.directory_link_changed import CHECK
from tests.builders import symlink
from tests.checks.evidence import Files, an_evidence, found

OLD: Files = {"usr/lib/plugins/a": "1", "opt/plugins": symlink("/usr/lib/plugins")}
NEW: Files = {"usr/lib/plugins/a": "1", "opt/plugins/b": "1"}


def test_files_that_were_reached_through_a_link_that_is_gone_are_a_blocker() -> None:
    evidence = an_evidence(OLD, [{"usr/lib/plugins/own": "1"}], NEW)
    assert found(CHECK, evidence) == [("blocker", "/opt/plugins")]


def test_files_that_were_put_there_by_that_very_path_are_no_finding() -> None:
    evidence = an_evidence(OLD, [{"usr/lib/plugins/own": "1"}], NEW, steps=["COPY own /usr/lib/plugins/own"])
    assert found(CHECK, evidence) == []


def test_a_link_that_stayed_is_no_finding() -> None:
    assert found(CHECK, an_evidence(OLD, [{"usr/lib/plugins/own": "1"}], OLD)) == []


@pytest.mark.parametrize("removed", ["opt/.wh.plugins", ".wh.opt"])
def test_a_link_that_the_application_removed_is_not_missed(removed: str) -> None:
    own: Files = {"usr/lib/plugins/own": "1"}
    assert found(CHECK, an_evidence(OLD, [own, {removed: ""}], NEW)) == []


def test_a_link_that_the_application_made_a_directory_of_is_not_missed() -> None:
    own: Files = {"usr/lib/plugins/own": "1", "opt/plugins/": ""}
    assert found(CHECK, an_evidence(OLD, [own], NEW)) == []
