"""The pairs that were written by hand, by what they are about."""

from tests.images.pairs.hand import (
    accounts,
    certificates,
    files,
    jvm_and_dotnet,
    native,
    node_and_ruby,
    packages,
    perl_and_php,
    places,
    python,
    settings,
    starting,
    updates,
)
from tests.images.pairs.model import Pair

MODULES = (
    accounts,
    certificates,
    files,
    jvm_and_dotnet,
    native,
    node_and_ruby,
    packages,
    perl_and_php,
    places,
    python,
    settings,
    starting,
    updates,
)
HAND_WRITTEN: tuple[Pair, ...] = tuple(pair for module in MODULES for pair in module.PAIRS)
