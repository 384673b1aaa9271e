"""What a rebase does to packages: those that the new base changes, and those that the application's layers brought."""

from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.contents.versions import Ecosystem, compare
from rebaser.layers.filesystem import stack
from rebaser.layers.index import LayerIndex
from rebaser.plan.evidence import Evidence
from rebaser.system.packages import Key, Packages, own_packages, packages


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package in the old and in the new base; None where it is not there."""

    ecosystem: Ecosystem
    name: str
    architecture: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class OwnPackage:
    """A package that the application's layers installed; `layer` is the position of the layer among them."""

    ecosystem: Ecosystem
    name: str
    architecture: str
    version: str
    layer: int


@dataclass(frozen=True, slots=True)
class PackageChanges:
    """What the new base changes, and what stays as the application's layers have it.

    `outdated` are packages of the application's layers that stand in the new base in a newer version.
    """

    upgraded: tuple[PackageChange, ...] = ()
    downgraded: tuple[PackageChange, ...] = ()
    added: tuple[PackageChange, ...] = ()
    removed: tuple[PackageChange, ...] = ()
    own: tuple[OwnPackage, ...] = ()
    outdated: tuple[PackageChange, ...] = ()


def compare_packages(before: Packages, after: Packages) -> PackageChanges:
    """Return what changes from one set of packages to the other, by name."""
    changes = list(_changes(before, after))
    both = [one for one in changes if one.before is not None and one.after is not None]
    orders = [compare(one.ecosystem, str(one.before), str(one.after)) for one in both]
    return PackageChanges(
        tuple(one for one, order in zip(both, orders, strict=True) if order <= 0),
        tuple(one for one, order in zip(both, orders, strict=True) if order > 0),
        tuple(one for one in changes if one.before is None),
        tuple(one for one in changes if one.after is None),
    )


def package_changes(evidence: Evidence) -> PackageChanges:
    """Return what a rebase does to the packages of one platform."""
    old, original, new = evidence.old.packages, evidence.original.packages, evidence.new.packages
    found = compare_packages(old, new)
    own = tuple(_own(evidence))
    changed = _changes(original, new)
    outdated = tuple(
        change
        for change in changed
        if change.before and change.after and _is_own_version(change, old) and _is_older(change)
    )
    return PackageChanges(found.upgraded, found.downgraded, found.added, found.removed, own, outdated)


def _changes(before: Packages, after: Packages) -> Iterator[PackageChange]:
    for key in sorted({*before.installed, *after.installed}):
        was, now = _version(before, key), _version(after, key)
        if was != now:
            yield PackageChange(*key, was, now)


def _version(found: Packages, key: Key) -> str | None:
    several = found.installed.get(key)
    return ", ".join(package.version for package in several) if several else None


def _is_own_version(change: PackageChange, old: Packages) -> bool:
    return _version(old, (change.ecosystem, change.name, change.architecture)) != change.before


def _is_older(change: PackageChange) -> bool:
    return compare(change.ecosystem, str(change.before), str(change.after)) < 0


def _own(evidence: Evidence) -> Iterator[OwnPackage]:
    """Yield the packages of the application with the layer that first has them in its database."""
    first = _first_layers(evidence)
    for package in own_packages(evidence.old.packages, evidence.original.packages):
        key = (package.ecosystem, package.name, package.architecture)
        yield OwnPackage(*key, package.version, first.get(key, len(evidence.app_layers) - 1))


def _first_layers(evidence: Evidence) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for position, layer in enumerate(evidence.app_layers):
        for key in _alone(layer).installed:
            found.setdefault(key, position)
    return found


def _alone(layer: LayerIndex) -> Packages:
    """Return the packages of the databases that stand in one layer."""
    return packages(stack((layer,)))
