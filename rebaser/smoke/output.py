"""The last lines of what a container printed, safe to show."""

import re
from typing import Final

from rebaser.printable import printable

KEPT_LINES: Final = 40  # of each test; the reason of a failure stands at the end


def last_lines(*streams: bytes) -> tuple[str, ...]:
    """Return the last lines of each stream, one stream after the other, in all as many as are kept."""
    share = KEPT_LINES // max(1, sum(1 for stream in streams if stream))
    return tuple(line for stream in streams for line in _lines(stream)[-share:])


def _lines(stream: bytes) -> list[str]:
    end = stream[-KEPT_LINES * 4096 :].decode("utf-8", "replace")
    return [printable(line) for line in re.split(r"[\r\n]+", end) if line]
