"""What a rebase does to packages: those that the new base changes, and those that the application's layers brought."""

from collections.abc import Iterator

from rebaser.contents.versions import compare
from rebaser.layers.filesystem import stack
from rebaser.layers.index import LayerIndex
from rebaser.plan.evidence import Evidence
from rebaser.plan.packages import OwnPackage, PackageChange, PackageChanges
from rebaser.system.packages import Key, Packages, own_packages, packages


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
    first, layers, seam = _first_layers(evidence), evidence.draft.trio.original.layers, evidence.draft.seam
    positions = [at for at in range(seam.layers, len(layers)) if at not in seam.merge_layers]
    for package in own_packages(evidence.old.packages, evidence.original.packages):
        key = (package.ecosystem, package.name, package.architecture)
        layer = positions[first.get(key, -1)]
        yield OwnPackage(*key, package.version, layer + 1, layers[layer].descriptor.digest)


def _first_layers(evidence: Evidence) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for position, layer in enumerate(evidence.app_layers):
        for key in _alone(layer).installed:
            found.setdefault(key, position)
    return found


def _alone(layer: LayerIndex) -> Packages:
    """Return the packages of the databases that stand in one layer."""
    return packages(stack((layer,)))
