"""Regular expressions of a test's author, held against text of an image.

They are written for Go's engine, which takes time in proportion to the text. Another engine can take forever on a text
that somebody chose, so it is given a limit.
"""

import regex

MAX_PATTERN = 10_000  # characters
SECONDS = 5.0  # that a match may take


def compiled(pattern: str) -> "regex.Pattern[str]":
    """Return a pattern, understood.

    Raises:
        ValueError: it is none.
    """
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a pattern has more than {MAX_PATTERN} characters")
    try:
        return regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern {pattern[:100]!r} is not understood: {error}") from error


def found(pattern: str, text: str) -> bool:
    """Answer whether some part of `text` matches.

    Raises:
        ValueError: it cannot be told in time.
    """
    try:
        return compiled(pattern).search(text, timeout=SECONDS) is not None
    except TimeoutError as error:
        raise ValueError(f"the pattern {pattern[:100]!r} takes more than {SECONDS:.0f} s on what is there") from error
