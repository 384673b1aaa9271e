"""The bases of the pairs: bare trees, trees with a configuration, and pairs of those that differ in one thing."""

from collections.abc import Mapping

from tests.images.pairs.model import Base
from tests.images.pairs.trees import TREES

_BARE = {name: Base(name, 'CMD ["/bin/sh"]\n') for name in TREES}

BASES: Mapping[str, Base] = {**_BARE}
