from rebaser.checks.config_conflict import CHECK
from rebaser.request import Severity
from tests.builders import an_image
from tests.checks.plans import NEW, OLD, OWN, a_plan


def test_a_config_that_nobody_changed_twice_is_no_finding() -> None:
    assert list(CHECK.run(a_plan())) == []


def test_a_value_that_both_changed_is_a_warning_with_what_was_kept() -> None:
    plan = a_plan(
        an_image([OLD], env=["LANG=C"]), an_image([OLD, OWN], env=["LANG=de"]), an_image([NEW], env=["LANG=en"])
    )
    (finding,) = CHECK.run(plan)
    assert finding.severity is Severity.WARNING
    assert finding.subject == "/config/Env/LANG"
    assert finding.message == 'Both the application and the new base changed LANG; kept: "LANG=de"'
    assert "`on-conflict`" in finding.remedy


def test_a_kept_command_is_shown_as_json_and_emptiness_as_nothing() -> None:
    plan = a_plan(
        an_image([OLD], config={"Cmd": ["a"], "StopSignal": "1"}),
        an_image([OLD, OWN], config={"Cmd": ["b"]}),
        an_image([NEW], config={"Cmd": ["c"], "StopSignal": "2"}),
    )
    said = [finding.message for finding in CHECK.run(plan)]
    assert 'Both the application and the new base changed Cmd; kept: ["b"]' in said
    assert "Both the application and the new base changed StopSignal; kept: nothing" in said


def test_what_is_only_worth_knowing_is_a_note_without_a_value() -> None:
    plan = a_plan(app=an_image([OLD, OWN], config_members={"container": "c0ffee"}))
    (finding,) = CHECK.run(plan)
    assert finding.severity is Severity.NOTE
    assert finding.message == "container described the build of the original and is removed"


def test_a_hostile_value_is_shown_and_not_obeyed() -> None:
    plan = a_plan(
        an_image([OLD], labels={"x": "1"}),
        an_image([OLD, OWN], labels={"x": "\x1b[2J\n::error::"}),
        an_image([NEW], labels={"x": "2"}),
    )
    (finding,) = CHECK.run(plan)
    assert "\x1b" not in finding.message
    assert "\n" not in finding.message
