"""The SBOM of a result: CycloneDX 1.6 as JSON, the same bytes for the same result; no times, no random number.

package-url types `deb`, `apk`, `rpm`, `pypi` and `oci`. Names and versions are an image's own words, made printable.
"""

import json
import re
from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from rebaser import __version__
from rebaser.contents.os_release import OsRelease
from rebaser.oci import media_types
from rebaser.oci.digest import Digest
from rebaser.oci.document import Document, new_document
from rebaser.plan.inventory import PYTHON, Installed, Inventory
from rebaser.printable import printable

LAYER = "io.github.rebaser:layer:diff-id"
UNREAD = "io.github.rebaser:unread"
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+~^:-]{0,199}")
_MAX_TEXT = 200  # characters of a name or a version


def sbom(name: str, subject: Digest, found: Inventory) -> Document:
    """Return the SBOM of the manifest `subject` of the image `name`; what could not be read is named in it."""
    root = Component(name=name, version=subject, type=ComponentType.CONTAINER, bom_ref=subject)
    components = [_component(one, found.release, position) for position, one in enumerate(found.installed, 1)]
    bom = Bom(components=components, serial_number=uuid5(NAMESPACE_URL, subject))
    bom.metadata.component = root
    bom.metadata.tools.components.add(Component(name="rebaser", version=__version__, type=ComponentType.APPLICATION))
    for path in _missing(found):
        bom.metadata.properties.add(Property(name=UNREAD, value=printable(path)))
    bom.register_dependency(root, components)
    told = json.loads(JsonV1Dot6(bom).output_as_string())
    del told["metadata"]["timestamp"]
    return new_document(media_types.CYCLONE_DX, told)


def _component(one: Installed, release: OsRelease | None, position: int) -> Component:
    return Component(
        name=printable(one.name, _MAX_TEXT),
        version=printable(one.version, _MAX_TEXT),
        type=ComponentType.LIBRARY,
        purl=_purl(one, release),
        bom_ref=f"package-{position}",
        properties=[Property(name=LAYER, value=one.layer)] if one.layer else [],
    )


def _purl(one: Installed, release: OsRelease | None) -> PackageURL | None:
    """Return the package's URL; None where its name or version is none that a package manager would take."""
    if not (_WORD.fullmatch(one.name) and _WORD.fullmatch(one.version)):
        return None
    if one.ecosystem == PYTHON:
        return PackageURL(PYTHON, None, one.name, one.version)
    epoch, colon, rest = one.version.rpartition(":") if one.ecosystem == "rpm" else ("", "", one.version)
    release = release if release and _WORD.fullmatch(release.id) else None
    qualifiers = {"epoch": epoch} if colon and epoch else {}
    if _WORD.fullmatch(one.architecture):
        qualifiers["arch"] = one.architecture
    if release and _WORD.fullmatch(release.version_id):
        qualifiers["distro"] = f"{release.id}-{release.version_id}"
    return PackageURL(one.ecosystem, release.id if release else None, one.name, rest, qualifiers)


def _missing(found: Inventory) -> Iterator[str]:
    yield from found.unread
    if found.cut:
        yield "more than are listed"
