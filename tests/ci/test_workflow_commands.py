"""Lines that the runner acts on, and lines that it does not."""

from rebaser.ci.workflow_commands import command, harmless
from tests.ci.runner import read_log


def test_a_command_is_one_line() -> None:
    assert command("notice", "a\nb", [("title", "x,y")]) == "::notice title=x%2Cy::a%0Ab\n"
    assert command("add-mask", "x") == "::add-mask::x\n"


def test_what_would_be_a_command_is_still_readable() -> None:
    assert harmless("::error::x") == r"\x3a:error::x"
    assert harmless("  ::error::x") == r"  \x3a:error::x"
    assert harmless("x ##[error]y") == r"x #\x23[error]y"
    assert harmless("a\rb") == r"a\x0db"


def test_the_model_of_the_runner_sees_commands() -> None:
    assert read_log("x\r  ::error title=a::b").commands == [("error", {"title": "a"}, "b")]
    assert len(read_log("say ##[error]x").commands) == 1
