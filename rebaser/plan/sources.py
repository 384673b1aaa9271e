"""Where a file's content is to be had: in the old base, in the original, or in the new base."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from rebaser.layers.bodies import Body

Place: TypeAlias = Literal["old", "app", "new"]


class Source(NamedTuple):
    """A file of one of the three images, by its path."""

    place: Place
    path: str


Bodies: TypeAlias = Mapping[Source, Body]
"""What files hold; what is in no layer, or is no file there, is not among them."""
