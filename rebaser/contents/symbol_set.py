"""Names of symbols in little room: three bytes of each name's hash, so that an index of many libraries stays small.

The hash is that of GNU's hash tables, which libraries carry themselves. A name that is there is always found; of those
that are not, about one in ten thousand seems to be.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from operator import sub

_MASK = 0xFFFFFF
_PLANES = 3


@dataclass(frozen=True)
class SymbolSet:
    """A set of names; `encoded` are the sorted hashes, as distances: all their low bytes, then the middle, the high."""

    encoded: bytes = b""

    def __contains__(self, name: str) -> bool:
        """Answer whether the name is there."""
        return _kept(gnu_hash(name.encode("utf-8", "surrogateescape"))) in self._hashes

    def __len__(self) -> int:
        """Return how many different hashes there are."""
        return len(self._hashes)

    @cached_property
    def _hashes(self) -> frozenset[int]:
        count = len(self.encoded) // _PLANES
        wide = bytearray(4 * count)
        for plane in range(_PLANES):
            wide[plane::4] = self.encoded[plane * count : (plane + 1) * count]
        return frozenset(accumulate(struct.unpack(f"<{count}I", wide)))


def symbols_of(names: Iterable[bytes]) -> SymbolSet:
    """Return the set of the names."""
    return symbols_with(map(gnu_hash, names))


def symbols_with(hashes: Iterable[int]) -> SymbolSet:
    """Return the set of the names that have these hashes, of which the lowest bit does not count."""
    kept = sorted({value >> 1 & _MASK for value in hashes})
    distances = list(map(sub, kept, chain((0,), kept)))
    wide = struct.pack(f"<{len(distances)}I", *distances)
    return SymbolSet(b"".join(wide[plane::4] for plane in range(_PLANES)))


def gnu_hash(name: bytes) -> int:
    """Return the hash by which GNU's tables order names."""
    value = 5381
    for byte in name:
        value = value * 33 + byte & 0xFFFFFFFF
    return value


def _kept(value: int) -> int:
    return value >> 1 & _MASK
