"""Which base an earlier rebase of ours kept beside an image: looked up where no annotation leads to it."""

from rebaser.errors import ImageError, ImageNotFound, TransportError
from rebaser.gather import Gatherer
from rebaser.oci.image import Image
from rebaser.oci.manifest import Manifest
from rebaser.oci.reference import Reference, Repository
from rebaser.plan.model import Base, Rejection
from rebaser.plan.saved_base import FROM_SAVED_BASE, LIMITS, SAVED_BASE, leaves_of, read_saved, saved_among
from rebaser.plan.seam import common_prefix
from rebaser.transports.base import read_blob


def saved_base(gatherer: Gatherer, home: Repository, image: Image) -> tuple[Base | None, tuple[Rejection, ...]]:
    """Return the base that is kept beside `image` and that it stands on; and what is kept there and is not that."""
    subject = image.manifest.document.digest
    try:
        listed = saved_among(gatherer.documents.transports.open(home).referrers(subject))
    except (ImageError, TransportError) as error:
        return None, (Rejection(f"a {FROM_SAVED_BASE} could not be looked for: {error.message}"),)
    found = [_proved(gatherer, Reference(home, None, one.digest), image) for one in listed]
    standing = next((one for one in found if isinstance(one, Base)), None)
    return standing, tuple(one for one in found if isinstance(one, Rejection))


def _proved(gatherer: Gatherer, reference: Reference, image: Image) -> Base | Rejection | None:
    told = f"the {FROM_SAVED_BASE} {reference.digest}"
    try:
        base = _read(gatherer, reference)
    except ImageNotFound:
        return Rejection(f"{told} is listed, and not there")
    except (ImageError, TransportError) as error:
        return Rejection(f"{told} cannot be read: {error.message}")
    if base is None:
        return None
    matching = common_prefix([layer.diff_id for layer in base.layers], image.diff_ids)
    if matching < len(base.layers):
        return Rejection(f"{told}, of whose {len(base.layers)} layers the image begins with {matching}")
    return base


def _read(gatherer: Gatherer, reference: Reference) -> Base | None:
    kept = gatherer.documents.manifest(reference)
    if not isinstance(kept, Manifest) or kept.view.artifact_type != SAVED_BASE:
        return None
    source = gatherer.documents.transports.open(reference.repository)
    contents = {kind: read_blob(source, leaf, LIMITS[kind]) for kind, leaf in leaves_of(kept).items()}
    return read_saved(kept, contents, reference.repository)
