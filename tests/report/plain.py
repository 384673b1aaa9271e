"""What a summary may consist of, held against a parser of Markdown, and against what GitHub makes of its text."""

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

TAGS = {"<code>", "</code>", "<sub>", "</sub>", "<span>", "</span>"}
TAGS |= {"<details>", "<details open>", "</details>", "<summary>", "</summary>"}
BLOCKS = {"html_block", "fence", "heading_open", "paragraph_open", "inline", "bullet_list_open", "list_item_open"}
BLOCKS |= {"table_open", "thead_open", "tbody_open", "tr_open", "th_open", "td_open"}
INLINES = {"text", "text_special", "html_inline", "softbreak", "em_open", "em_close", "strong_open", "strong_close"}
ACTIVE = re.compile(r"[\w.+-]+@[\w-]|@\w|#\d|\$\S|://|www\.|:[\w+-]+:", re.IGNORECASE)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Texts(HTMLParser):
    """The pieces of text between tags, blocks of code aside: GitHub looks for names, addresses and signs in each."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_block = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self._in_block |= tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self._in_block &= tag != "pre"

    def handle_data(self, data: str) -> None:
        if not self._in_block:
            self.found.append(data)


def assert_inactive(markdown: str) -> None:
    """Hold text to what GitHub makes no link, mention, picture or formula of after it has parsed the Markdown."""
    texts = Texts()
    texts.feed(PARSER.render(markdown))
    texts.close()
    assert [text for text in texts.found if ACTIVE.search(text)] == []


def assert_plain(markdown: str) -> None:
    """Hold a summary's Markdown to blocks, tags and words of our own."""
    assert_inactive(markdown)
    tokens = PARSER.parse(markdown)
    assert {token.type for token in tokens if token.nesting >= 0} <= BLOCKS
    inner = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inner} <= INLINES
    markup = [child.content for child in inner if child.type == "html_inline"]
    markup += [token.content for token in tokens if token.type == "html_block"]
    for piece in markup:
        left = piece
        for tag in TAGS:
            left = left.replace(tag, "")
        assert "<" not in left, piece
    languages = [token.info for token in tokens if token.type == "fence"]
    assert set(languages) <= {"mermaid", "json", "sh", "text"}
    for token in tokens:
        if token.type == "fence" and token.info == "mermaid":
            assert "%%" not in token.content
            assert "click" not in token.content
