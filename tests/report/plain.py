"""What a summary may consist of, held against a parser of Markdown."""

from markdown_it import MarkdownIt

TAGS = ("<code>", "</code>", "<sub>", "</sub>", "<details>", "<summary>", "</summary>", "</details>")
BLOCKS = {"html_block", "fence", "heading_open", "paragraph_open", "inline", "bullet_list_open", "list_item_open"}
BLOCKS |= {"table_open", "thead_open", "tbody_open", "tr_open", "th_open", "td_open"}
INLINES = {"text", "text_special", "html_inline", "softbreak", "strong_open", "strong_close"}


def assert_plain(markdown: str) -> None:
    """Hold a summary's Markdown to blocks, tags and words of our own."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
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
    assert set(languages) <= {"mermaid", "json", "sh"}
    for token in tokens:
        if token.type == "fence" and token.info == "mermaid":
            assert "%%" not in token.content
            assert "click" not in token.content
