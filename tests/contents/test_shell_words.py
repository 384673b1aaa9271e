import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.shell_words import Operator, Token, Word, tokens


def shown(script: tuple[Token, ...]) -> list[object]:
    """Words as their text, or a question mark before it where part is expanded; operators as they are."""
    return [
        token.text if isinstance(token, Operator) else ("" if token.literal else "?") + token.text for token in script
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b\tc", ["a", "b", "c"]),
        ("a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]),
        ("a'b'\"c\"d", ["abcd"]),
        ("a && b || c | d; e & f", ["a", "&&", "b", "||", "c", "|", "d", ";", "e", "&", "f"]),
        ("a >b 2>&1 <<<c", ["a", ">", "b", "2", ">&", "1", "<<<", "c"]),
        ("a # b\nc#d", ["a", "\n", "c#d"]),
        ("a \\\n b", ["a", "b"]),
        ('$a ${b:-c d}e "$f g" $((1 + 2))', ["?", "?e", "? g", "?"]),
        ("*.txt a? [b] ~", ["?*.txt", "?a?", "?[b]", "?~"]),
        ("x=(a 'b)' c) d", ["?x=", "d"]),
        ("cat <<EOF\nb c\n'd\nEOF\ne", ["cat", "<<", "EOF", "\n", "e"]),
        ("cat <<-'E F' a\nb\n\tE F\ne", ["cat", "<<-", "E F", "a", "\n", "e"]),
        ("cat <<A <<B\n1\nA\n2\nB\ne", ["cat", "<<", "A", "<<", "B", "\n", "e"]),
        ("a 'b", ["a"]),
        ('a "b', ["a"]),
        ("a $(b", ["a"]),
        ("a ${b", ["a"]),
        ("a `b", ["a"]),
        ("cat <<E\nb", ["cat", "<<", "E", "\n"]),
        ("", []),
    ],
)
def test_words_and_operators(text: str, expected: list[object]) -> None:
    assert shown(tokens(text)) == expected


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("$(a b)", [["a", "b"]]),
        ('"x $(a) y"', [["a"]]),
        ("`a \\`b\\``", [["a", "?"]]),
        ("${x:-$(a)}", [["a"]]),
        ("<(a)", [["a"]]),
        ("$(case x in y) a;; esac)z", [["case", "x", "in", "y", ")", "a", ";;", "esac"]]),
        ("$( (a; b) )", [["(", "a", ";", "b", ")"]]),
        ("'$(a)'", []),
        ("\\$(a)", None),
    ],
)
def test_scripts_within_a_word(text: str, within: list[list[object]] | None) -> None:
    word = tokens(text)[0]
    assert isinstance(word, Word)
    assert [shown(script) for script in word.within] == (within or [])


def test_lines_are_counted_through_quotes_documents_and_substitutions() -> None:
    text = "a 'x\ny' b\nc <<E\n1\n2\nE\nd $(\ne\n) \\\nf\n`\ng`\nh"
    words = {token.text: token.line for token in tokens(text) if isinstance(token, Word) and token.literal}
    assert words == {"a": 1, "x\ny": 1, "b": 2, "c": 3, "E": 3, "d": 7, "f": 10, "h": 13}


def test_substitutions_are_not_followed_without_end() -> None:
    assert tokens("$(" * 10_000) == ()
    assert tokens("${" * 10_000) == ()
    assert shown(tokens("a " + '"$(' * 100)) == ["a"]


@given(st.text(st.sampled_from("ab '\"\\\n"), max_size=30))
def test_quotes_mean_what_they_mean_to_others(text: str) -> None:
    """The standard library splits words by the same rules, where neither comments nor operators are involved."""
    if "\\\n" in text:
        return
    try:
        expected = shlex.split(text)
    except ValueError:
        return
    words = [token for token in tokens(text) if isinstance(token, Word)]
    assert [word.text for word in words] == expected


@given(st.text(max_size=80) | st.text(st.sampled_from("a$(){}`'\"\\\n <>&|;#=[]"), max_size=60))
def test_any_text_has_tokens(text: str) -> None:
    found = tokens(text)
    assert all(1 <= token.line <= text.count("\n") + 1 for token in found)
