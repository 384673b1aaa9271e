"""Where the program begins. What it needs is imported when it is known what is wanted: `--version` needs nothing."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rebaser import __version__

if TYPE_CHECKING:
    from rebaser.commands.base import Surroundings


def main(argv: Sequence[str] | None = None, surroundings: "Surroundings | None" = None) -> int:
    """Run a command and return its exit code; the codes are DESIGN's. `surroundings` stand in for the process."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        (surroundings.out if surroundings else sys.stdout).write(f"rebaser {__version__}\n")
        return 0
    from rebaser.commands.dispatch import run

    return run(words, surroundings)
