"""`rebaser demo`: the whole job on images made on the spot."""

from rebaser.ci.arguments import Arguments
from rebaser.commands.base import Surroundings, say
from rebaser.demo import demonstrate


def run(arguments: Arguments, here: Surroundings) -> int:
    """Do it, and tell each step."""
    demonstrate(arguments.directory, lambda line: say(here.out, line))
    return 0
