import pytest

from rebaser.contents.shell_grammar import (
    close,
    is_definition,
    is_operator,
    numbers_redirection,
    past,
    skip_arithmetic,
    skip_patterns,
)
from rebaser.contents.shell_words import tokens


def test_operators_are_not_words() -> None:
    script = tokens("'&&' && a")
    assert [is_operator(token, "&&") for token in script] == [False, True, False]


@pytest.mark.parametrize(("text", "at"), [("x in y) z", 2), ("in", 1), ("'in' in a", 2), ("a b", 2)])
def test_past_a_word(text: str, at: int) -> None:
    assert past(tokens(text), 0, "in") == at


@pytest.mark.parametrize(
    ("text", "at"), [("a) b", 2), ("(a|b) c", 5), ("\n\na) b", 4), ("esac", 0), ("\nesac", 1), ("a | b", 3), ("", 0)]
)
def test_past_the_patterns_of_a_case(text: str, at: int) -> None:
    assert skip_patterns(tokens(text), 0) == at


@pytest.mark.parametrize(("text", "at"), [("((a)) b", 5), ("(a) b", 3), ("((a) b", 5)])
def test_past_arithmetic(text: str, at: int) -> None:
    assert skip_arithmetic(tokens(text), 0) == at


@pytest.mark.parametrize(("text", "is_one"), [("f() { a; }", True), ("f ( ) a", True), ("f (a)", False), ("f", False)])
def test_definitions(text: str, is_one: bool) -> None:
    assert is_definition(tokens(text), 0) == is_one


@pytest.mark.parametrize(
    ("text", "is_one"), [("2>a", True), ("2<&1", True), ("2 a", False), ("a>b", False), ("2", False)]
)
def test_numbers_of_redirections(text: str, is_one: bool) -> None:
    assert numbers_redirection(tokens(text), 0) == is_one


@pytest.mark.parametrize(
    ("branches", "is_case", "left"),
    [([True, False], False, [True]), ([True, False], True, [True, False]), ([], True, [])],
)
def test_only_what_is_open_is_closed(branches: list[bool], is_case: bool, left: list[bool]) -> None:
    close(branches, is_case=is_case)
    assert branches == left
