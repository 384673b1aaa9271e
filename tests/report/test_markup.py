"""Text made harmless in Markdown, held against a parser of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.report.markup import code, escaped, fenced, folded, prose, table, unfolded
from tests.injection import CORPUS
from tests.report.plain import PARSER, assert_inactive

PROSE = {"paragraph_open", "inline", "text", "text_special", "html_inline", "paragraph_close"}
SIGNS = " \n\r\t`~*_[]()<>!|\\#+-=:.@&;{}$^\"'1ahtpw/"


def kinds(markdown: str) -> set[str]:
    tokens = PARSER.parse(markdown)
    return {token.type for token in tokens} | {inner.type for token in tokens for inner in token.children or ()}


def shown(markdown: str) -> str:
    """Return the text that a reader sees."""
    tokens = PARSER.parse(markdown)
    return "".join(inner.content for token in tokens for inner in token.children or () if inner.type != "html_inline")


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: ascii(text)[:30])
def test_a_hostile_text_is_prose(text: str) -> None:
    assert kinds(escaped(text)) <= PROSE
    assert set(re.findall("<[^>]*>", escaped(text))) <= {"<span>", "</span>"}


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: ascii(text)[:30])
def test_github_makes_no_link_or_mention_of_a_hostile_text(text: str) -> None:
    for written in (escaped(text), code(text), prose(f"Look at `{text}`."), table(("head",), [(escaped(text),)])):
        assert_inactive(written)


def test_an_address_is_no_link_since_its_sign_stands_alone() -> None:
    assert escaped("a@b.example") == "a<span>&#64;</span>b.example"
    assert escaped(":octocat: $x$") == "<span>&#58;</span>octocat: <span>&#36;</span>x<span>&#36;</span>"


@pytest.mark.parametrize("text", ["1. x", "12345. x", "123456789) x", "- x", "+ x"])
def test_a_text_does_not_begin_a_list(text: str) -> None:
    assert kinds(escaped(text)) <= PROSE
    assert shown(escaped(text)) == text


@given(st.text(st.sampled_from(SIGNS), max_size=40))
def test_no_mixture_of_signs_is_markup(text: str) -> None:
    assert kinds(escaped(text)) <= PROSE
    assert_inactive(escaped(text))
    cell = table(("head", "second"), [(code(text), "end")])
    allowed = {"table_open", "thead_open", "tr_open", "th_open", "th_close", "tr_close", "thead_close", "tbody_open"}
    allowed |= {"td_open", "td_close", "tbody_close", "table_close", "inline", "text", "text_special", "html_inline"}
    assert kinds(cell) <= allowed
    assert sum(token.type == "td_open" for token in PARSER.parse(cell)) == 2


def test_what_is_shown_is_the_text() -> None:
    assert shown(code('PATH=/a:/b <x> | `y` "z"')) == 'PATH=/a:/b <x> | `y` "z"'
    assert shown(escaped("- 100 % of [it]")) == "- 100 % of [it]"
    assert code("") == ""


def test_long_text_is_cut_and_says_so() -> None:
    assert shown(code("a" * 300)).startswith("a" * 200 + "… (100 more)")


def test_words_in_backquotes_are_code_in_a_remedy() -> None:
    assert prose("Set `password` or `<b>`.") == "Set <code>password</code> or <code>&#60;b&#62;</code>."


@pytest.mark.parametrize("text", ["```", "a\n``````\n# x", "plain", "~~~"])
def test_a_block_of_code_cannot_be_ended_from_inside(text: str) -> None:
    assert [token.type for token in PARSER.parse(fenced(text, "json"))] == ["fence"]


def test_a_fold_holds_markdown() -> None:
    assert unfolded("Title", "x").startswith("<details open><summary>Title</summary>")
    assert {"html_block", "table_open"} <= kinds(folded("Title", table(("a",), [("b",)])))
