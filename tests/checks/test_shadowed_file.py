import pytest

from rebaser.checks import conffile_shadowed, copied_up_file
from rebaser.checks.base import LayerCheck
from rebaser.checks.shadowed_file import CHECK
from tests.checks.evidence import an_evidence, found
from tests.plan.merging import merged
from tests.plan.test_disputes import Manager, both, layer, of_dpkg

PATH = "usr/lib/libx.so.1"


def test_a_file_that_a_step_and_the_new_base_both_changed_is_a_blocker() -> None:
    evidence = an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "2"})
    assert found(CHECK, evidence) == [("blocker", f"/{PATH}")]


def test_a_file_that_was_copied_in_is_what_a_rebuild_would_copy_in() -> None:
    evidence = an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "2"}, steps=["COPY x /usr/lib/"])
    assert found(CHECK, evidence) == []


def test_a_file_that_the_new_base_did_not_change_hides_nothing() -> None:
    assert found(CHECK, an_evidence({PATH: "1"}, [{PATH: "own"}], {PATH: "1"})) == []


def test_a_log_that_a_step_wrote_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"var/log/x": "1"}, [{"var/log/x": "own"}], {"var/log/x": "2"})) == []


@both
@pytest.mark.parametrize(
    ("check", "path", "versions"),
    [
        (CHECK, "usr/lib/ssl", ("1.1", "1.9", "1.3")),
        (copied_up_file.CHECK, "usr/lib/ssl", ("1.1", "1.1", "1.3")),
        (conffile_shadowed.CHECK, "etc/ssl", ("1.1", "1.9", "1.3")),
    ],
)
def test_a_package_that_the_application_has_in_a_newer_version_hides_nothing(
    manager: Manager, check: LayerCheck, path: str, versions: tuple[str, str, str]
) -> None:
    old, own, new = (
        {**manager({"ssl": package}), path: text} for package, text in zip(("1.1", "1.9", "1.3"), versions, strict=True)
    )
    step = {**layer(manager, {"ssl": "1.1"}, {"ssl": "1.9"}), path: own[path]}
    assert f"/{path}" in [subject for _, subject in found(check, an_evidence(old, [step], new))]
    assert found(check, merged(old, [step], new).evidence) == []


def test_a_file_of_a_package_that_the_new_base_has_in_a_newer_version_is_none_of_the_application_s() -> None:
    step = layer(of_dpkg, {"ssl": "1.1"}, {"ssl": "1.2"})
    after = merged(of_dpkg({"ssl": "1.1"}), [step], of_dpkg({"ssl": "1.3"}))
    assert found(CHECK, after.evidence) == []
    assert after.text("usr/lib/ssl") == "1.3"
