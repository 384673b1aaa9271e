"""Whose packages that both the application's layers and the new base changed are, and which files are its."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rebaser.mergers.keyed import Key, Side
from rebaser.plan.model import Sides
from rebaser.system.packages import DPKG_STATUS


@dataclass(frozen=True, slots=True)
class Dispute:
    """A package, its versions (empty where it is not installed), and whose it is; None where that cannot be said.

    `database` is the path at which the new base has the database that tells.
    """

    key: Key
    versions: Sides[str]
    side: Side | None
    database: str = DPKG_STATUS

    @property
    def name(self) -> str:
        """Return the package's name."""
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Settlement:
    """Whose the disputed packages are, and which paths come from one side for that."""

    disputes: tuple[Dispute, ...] = ()
    forced: Mapping[str, Side] = field(default_factory=dict)
    owned: frozenset[str] = frozenset()

    def settled(self, database: str) -> Mapping[Key, Side]:
        """Return the packages of a database with the side that they come from."""
        return {one.key: one.side for one in self.disputes if one.side is not None and one.database == database}

    def keeps(self, path: str) -> bool:
        """Answer whether the application's file stays because its version of the package does."""
        return self.forced.get(path) == "app"


NOTHING_SETTLED = Settlement()
