import pytest

from rebaser.ci.rebuild_inputs import parse_build_args, parse_builder, parse_secrets, parse_target
from rebaser.recipe import Secret


def test_build_args_are_lines_and_keep_commas_equals_and_quotes() -> None:
    text = '  A=1,2\n\nB=x=y\r\nC=say "hi"\n"D=two\nlines"\nA=3\nE=\n'
    assert parse_build_args(text) == (("A", "3"), ("B", "x=y"), ("C", 'say "hi"'), ("D", "two\nlines"), ("E", ""))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A", "'A' has no value"),
        ("--output=x", "has no value"),
        ("A B=1", "has no value"),
        ("BUILDKIT_SYNTAX=evil/frontend", "would choose the program"),
        ("NPM_TOKEN=x", "give it in `secrets`"),
        ("db_password=x", "give it in `secrets`"),
        ("A=1\n" * 2000, "more than 1000"),
    ],
)
def test_a_wrong_build_arg_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_build_args(text)


def test_an_argument_that_only_speaks_of_tokens_is_none() -> None:
    assert parse_build_args("TOKEN_ISSUER=x\nKEYBOARD=de") == (("TOKEN_ISSUER", "x"), ("KEYBOARD", "de"))


def test_secrets_keep_their_lines_and_show_in_no_text() -> None:
    found = parse_secrets('npm=canary=1\n"key=-----BEGIN\ncanary\n-----END"')
    assert found == (Secret("npm", "canary=1"), Secret("key", "-----BEGIN\ncanary\n-----END"))
    assert "canary" not in repr(found)


@pytest.mark.parametrize("text", ["canary", "=canary", "../x=canary", "a,b=canary", "a="])
def test_a_wrong_secret_is_refused_without_its_value(text: str) -> None:
    with pytest.raises(ValueError, match="not of the form id=value") as caught:
        parse_secrets(text)
    assert "canary" not in str(caught.value)


def test_stages_and_builders_are_plain_names() -> None:
    assert parse_target("app-1.x") == "app-1.x"
    assert parse_builder("builder-0a1b") == "builder-0a1b"
    for parse in (parse_target, parse_builder):
        with pytest.raises(ValueError, match="cannot be"):
            parse("--push")
