"""Text from images and registries, made harmless in Markdown: no markup, link, mention or HTML comes of it."""

import re
from collections.abc import Iterable, Sequence

from rebaser.printable import printable

MAX_CELL = 200  # characters
MAX_PROSE = 2000  # characters
_ACTIVE = re.compile(
    r"""(?P<apart> [@#$] | : (?= // | [\w+-]+: ) | (?i: (?<= www) \. ) )  # addresses, mentions, pictures, formulas
        | [^0-9A-Za-z\x20.,/:;()+=%?'"\x80-\U0010ffff-]                 # what may begin or end something
        | ^ [-+=] | ^ [0-9] (?= [0-9]* [.)] )                           # lists and lines, where a paragraph begins
    """,
    re.VERBOSE,
)


def code(text: str, limit: int = MAX_CELL) -> str:
    """Return `text` as inline code, on one line, cut at `limit` characters.

    Signs that Markdown or HTML could act on are written as character references, which no reader of either takes for
    syntax, in a table or out of it.
    """
    return f"<code>{escaped(text, limit)}</code>" if text else ""


def escaped(text: str, limit: int = MAX_CELL) -> str:
    """Return `text` as prose that says just that."""
    return _ACTIVE.sub(_written, printable(text, limit).lstrip())


def _written(sign: re.Match[str]) -> str:
    """Return a sign as a reference; some apart from what is around it, since GitHub reads text once more afterwards."""
    reference = f"&#{ord(sign[0])};"
    return f"<span>{reference}</span>" if sign["apart"] else reference


def prose(text: str) -> str:
    """Return a sentence, with what stands in backquotes as inline code."""
    return re.sub("&#96;(.*?)&#96;", r"<code>\1</code>", escaped(text, MAX_PROSE))


def fenced(text: str, language: str = "") -> str:
    """Return lines of text as a block of code, in a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def folded(title: str, body: str) -> str:
    """Return what is shown on a click; `title` is our own text, or `escaped`."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def unfolded(title: str, body: str) -> str:
    """Return the same, open to begin with."""
    return folded(title, body).replace("<details>", "<details open>", 1)
