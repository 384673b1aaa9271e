"""What is installed in a result, and which layer each thing came from, as the layers' own databases say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rebaser.contents.malformed import MalformedError
from rebaser.contents.os_release import OsRelease
from rebaser.contents.package import Package
from rebaser.contents.python_packages import read_metadata
from rebaser.layers.filesystem import stack
from rebaser.layers.index import LayerIndex
from rebaser.oci.digest import DiffId
from rebaser.plan.evidence import Evidence
from rebaser.system.packages import packages

MAX_LISTED = 50_000  # things; a distribution's whole archive is not larger

PYTHON = "pypi"
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Installed:
    """A package: `ecosystem` is `deb`, `apk`, `rpm` or `pypi`; `layer` is None where no layer is known to bring it."""

    ecosystem: str
    name: str
    version: str
    architecture: str
    layer: DiffId | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that is installed; `unread` are databases that could not be read, so that something may be missing."""

    release: OsRelease | None
    installed: tuple[Installed, ...]
    unread: tuple[str, ...] = ()
    cut: bool = False


def inventory(evidence: Evidence, new: Sequence[LayerIndex]) -> Inventory:
    """Return what is in the rebased image; `new` are the layers of the new base."""
    layers = [*new, *evidence.app_layers, *([evidence.merge.index] if evidence.merge.index else [])]
    found = evidence.rebased.packages
    listed = sorted({*_system(found.all(), layers), *_python(evidence, layers)}, key=_order)
    unread = tuple(path for path, _ in found.unread)
    return Inventory(evidence.rebased.release, tuple(listed[:MAX_LISTED]), unread, len(listed) > MAX_LISTED)


def _system(found: Iterator[Package], layers: Sequence[LayerIndex]) -> Iterator[Installed]:
    """Yield the packages, each with the first layer whose own database has it in this version."""
    first: dict[_Key, DiffId] = {}
    for layer in layers:
        for package in packages(stack((layer,))).all():
            first.setdefault(_key(package), layer.diff_id)
    for package in found:
        yield Installed(*_key(package), first.get(_key(package)))


def _python(evidence: Evidence, layers: Sequence[LayerIndex]) -> Iterator[Installed]:
    for path, node in evidence.rebased.files.nodes.items():
        directory, _, name = path.rpartition("/")
        if name == "METADATA" and directory.endswith(".dist-info") and node.entry.body:
            try:
                told = read_metadata(node.entry.body)
            except MalformedError:
                continue
            yield Installed(PYTHON, told.name, told.version, "", layers[node.layer].diff_id)


def _key(package: Package) -> _Key:
    return (package.ecosystem, package.name, package.version, package.architecture)


def _order(one: Installed) -> tuple[str, ...]:
    return (one.ecosystem, one.name, one.version, one.architecture, one.layer or "")
