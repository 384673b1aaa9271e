"""Text made harmless in Markdown, held against a parser of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rebaser.report.markup import code, escaped, fenced, folded, prose, table
from tests.injection import CORPUS

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
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
    assert kinds(escaped(text)) <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    assert "://" not in escaped(text)
    assert "www." not in escaped(text)


@given(st.text(st.sampled_from(SIGNS), max_size=40))
def test_no_mixture_of_signs_is_markup(text: str) -> None:
    assert kinds(escaped(text)) <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
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
    assert {"html_block", "table_open"} <= kinds(folded("Title", table(("a",), [("b",)])))
