"""What a rebase does to the packages in an image, as values: the base's change, the application's stay."""

from dataclasses import dataclass

from rebaser.contents.versions import Ecosystem
from rebaser.oci.digest import Digest


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package and its versions on two sides; None where it is not there.

    `ecosystem` is that of its database (`deb`, `apk`, `rpm`), `architecture` is empty where that has none.
    """

    ecosystem: Ecosystem
    name: str
    architecture: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class OwnPackage:
    """A package that a layer of the application installed; `layer` counts the original's layers from 1, base first."""

    ecosystem: Ecosystem
    name: str
    architecture: str
    version: str
    layer: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class PackageChanges:
    """What differs from the old base to the new one, and what the application installed itself.

    A rebase leaves `own` as they are. `outdated` are those of them that the new base's package set has in a newer
    version: `before` is the application's, `after` that of the set.
    """

    upgraded: tuple[PackageChange, ...] = ()
    downgraded: tuple[PackageChange, ...] = ()
    added: tuple[PackageChange, ...] = ()
    removed: tuple[PackageChange, ...] = ()
    own: tuple[OwnPackage, ...] = ()
    outdated: tuple[PackageChange, ...] = ()
