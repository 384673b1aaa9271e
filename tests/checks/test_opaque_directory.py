import pytest

from rebaser.checks.opaque_directory import CHECK
from tests.builders import symlink
from tests.checks.evidence import an_evidence, findings, found

HIDDEN = {"opt/x/": "", "opt/x/.wh..wh..opq": "", "opt/x/own": "1"}


def test_what_the_new_base_has_more_in_a_hidden_directory_stands_in_the_way() -> None:
    evidence = an_evidence({"opt/x/a": "1"}, [HIDDEN], {"opt/x/a": "1", "opt/x/b": "2"})
    assert found(CHECK, evidence) == [("blocker", "/opt/x")]
    (finding,) = findings(CHECK, evidence)
    assert finding.after == ["opt/x/b"]
    assert not finding.absolute


def test_a_new_version_of_what_the_step_removed_is_content_that_it_never_saw() -> None:
    evidence = an_evidence({"opt/x/a": "1", "opt/x/b": "1"}, [HIDDEN], {"opt/x/a": "2", "opt/x/b": "1"})
    assert [one.after for one in findings(CHECK, evidence)] == [["opt/x/a"]]
    assert found(CHECK, an_evidence({"opt/x/a": "1"}, [HIDDEN], {"opt/x/a": symlink("b")})) == [("blocker", "/opt/x")]


def test_a_directory_that_was_only_made_hides_one_that_came_with_the_new_base() -> None:
    assert found(CHECK, an_evidence({}, [HIDDEN], {"opt/x/b": "2"})) == [("blocker", "/opt/x")]


@pytest.mark.parametrize("new", [{"opt/x/a": "1"}, {}, {"opt/x/own": "2"}])
def test_what_the_step_removed_or_the_application_has_itself_is_no_finding(new: dict[str, str]) -> None:
    assert found(CHECK, an_evidence({"opt/x/a": "1"}, [HIDDEN], new)) == []


def test_what_a_later_layer_brings_back_is_seen() -> None:
    back = {"opt/x/b": "mine"}
    assert found(CHECK, an_evidence({"opt/x/a": "1"}, [HIDDEN, back], {"opt/x/a": "1", "opt/x/b": "2"})) == []


@pytest.mark.parametrize("directory", ["tmp", "var/cache/apk", "var/lib/apt/lists", "run/lock", "var/log"])
def test_caches_logs_and_lists_of_packages_may_be_hidden(directory: str) -> None:
    emptied = {f"{directory}/": "", f"{directory}/.wh..wh..opq": ""}
    assert found(CHECK, an_evidence({}, [emptied], {f"{directory}/new": "1"})) == []
    assert found(CHECK, an_evidence({}, [{".wh..wh..opq": "", "own": "1"}], {f"{directory}/": ""})) == []


def test_an_application_that_hides_all_of_its_base_hides_all_of_the_new_one() -> None:
    evidence = an_evidence({"etc/a": "1"}, [{".wh..wh..opq": "", "own": "1"}], {"etc/a": "1", "etc/empty/": ""})
    assert [(one.subject, one.after) for one in findings(CHECK, evidence)] == [("/", ["etc/empty"])]


def test_of_hidden_directories_within_each_other_the_outermost_is_told() -> None:
    inner = {"opt/x/deep/": "", "opt/x/deep/.wh..wh..opq": ""}
    evidence = an_evidence({}, [HIDDEN, inner], {"opt/x/deep/new": "1"})
    assert found(CHECK, evidence) == [("blocker", "/opt/x")]
