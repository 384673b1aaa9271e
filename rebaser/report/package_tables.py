"""The packages of a platform in the summary: what the base brings, what stays as it is, and what a rebuild would bring.

Names and versions come from images: they are shown through `markup` only.
"""

from collections.abc import Iterable, Sequence

from rebaser.report.markup import code, escaped, folded, table
from rebaser.report.model import OwnPackageEntry, PackageChangeEntry, PackagesEntry

MOST_OPEN = 12  # rows of a table that is not folded
MOST_ROWS = 300  # rows; report.json has the others
_SHORT = 19  # characters of `sha256:` and twelve digits
_NONE = "–"  # noqa: RUF001  the dash is meant
_KINDS = ("upgraded", "downgraded", "added", "removed")


def counts(packages: PackagesEntry) -> str:
    """Return how many packages the new base changes, in words: `3 upgraded, 1 added`."""
    numbers = {kind: len(getattr(packages, kind)) for kind in _KINDS}
    return ", ".join(f"{number} {kind}" for kind, number in numbers.items() if number) or "none changed"


def brought(packages: PackagesEntry) -> str:
    """Return what the new base changes: a line of counts, and the versions."""
    rows = [(kind, *_change(change)) for kind in _KINDS for change in getattr(packages, kind)]
    head = f"**What the base brings:** packages: {counts(packages)}"
    return _with_table(head, "Packages of the base", ("", "package", "before", "after"), rows)


def outdated(packages: PackagesEntry) -> str:
    """Return what a rebuild would renew and a rebase does not, or nothing."""
    if not packages.outdated:
        return ""
    head = (
        f"**Own packages of the application that the new base's package set has newer:** {len(packages.outdated)}. "
        "A rebase leaves them as they are; a rebuild would renew them."
    )
    return _with_table(
        head, "Outdated packages", ("package", "the application's", "newer"), map(_change, packages.outdated)
    )


def own(packages: PackagesEntry) -> str:
    """Return what the application's layers installed, or nothing."""
    if not packages.own:
        return ""
    head = f"**Packages of the application's own layers,** which a rebase leaves as they are: {len(packages.own)}"
    return _with_table(head, "The application's packages", ("package", "version", "layer"), map(_own, packages.own))


def _with_table(head: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    every = list(rows)
    if not every:
        return head
    body = table(columns, every[:MOST_ROWS])
    if len(every) > MOST_ROWS:
        body += f"\n\n_{len(every) - MOST_ROWS} more are in report.json._"
    return f"{head}\n\n{folded(f'{title} ({len(every)})', body) if len(every) > MOST_OPEN else body}"


def _change(change: PackageChangeEntry) -> tuple[str, str, str]:
    return _package(change), _version(change.before), _version(change.after)


def _own(package: OwnPackageEntry) -> tuple[str, str, str]:
    layer = f"{package.layer} {code(package.layerDigest[:_SHORT] + '…')}"
    return _package(package), _version(package.version), layer


def _package(package: PackageChangeEntry | OwnPackageEntry) -> str:
    architecture = f" {escaped(package.architecture)}" if package.architecture else ""
    return f"{code(package.name)} ({escaped(package.ecosystem)}{architecture})"


def _version(version: str | None) -> str:
    return _NONE if version is None else code(version)
