"""A base kept beside the image that stands on it: its manifest and its config, as a referrer of the image's manifest.

With it the next rebase needs neither the base nor its registry: the layers are the image's own. They are stored under
types of their own, so that nothing takes the saved manifest for one whose layers were to be fetched from elsewhere.
"""

from collections.abc import Iterable
from dataclasses import replace

from rebaser.errors import ImageError
from rebaser.oci import annotations
from rebaser.oci.config import parse_config
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest
from rebaser.oci.document import MAX_CONFIG, MAX_MANIFEST, Document, parse_document
from rebaser.oci.image import join, require_image
from rebaser.oci.manifest import Manifest, parse_manifest
from rebaser.oci.media_types import OCI_EMPTY
from rebaser.oci.reference import Reference, Repository, Scratch, Transport, parse_base
from rebaser.plan.artifact import Artifact, Leaf, artifact
from rebaser.plan.base_record import recorded, told_digest
from rebaser.plan.model import Base

SAVED_BASE = "application/vnd.rebaser.base.v1"
"""The type of the artifact."""

SAVED_MANIFEST = "application/vnd.rebaser.base.manifest.v1+json"
SAVED_CONFIG = "application/vnd.rebaser.base.config.v1+json"
FROM_SAVED_BASE = "saved base"
LIMITS = {SAVED_MANIFEST: MAX_MANIFEST, SAVED_CONFIG: MAX_CONFIG}
"""The blobs of the artifact, each once, and how many bytes it may have."""

MAX_TRIED = 4  # saved bases of one image that are looked at; one is enough, and anyone who may push can add more


def saved(base: Base, subject: Document) -> Artifact | None:
    """Return the artifact that keeps `base` beside the image `subject`; None for scratch, which needs no keeping."""
    if base.image is None:
        return None
    leaves = [
        Leaf(replace(base.image.manifest.document, media_type=SAVED_MANIFEST)),
        Leaf(replace(base.image.config.document, media_type=SAVED_CONFIG)),
    ]
    return artifact(SAVED_BASE, subject, leaves, recorded({}, base))


def saved_among(referrers: Iterable[Descriptor]) -> tuple[Descriptor, ...]:
    """Return those of an image's referrers that may keep a base, as many as are looked at.

    After those that are listed as such come those whose type is not told: some registries list the config's instead.
    """
    listed = tuple(referrers)
    sure = [one for one in listed if one.artifact_type == SAVED_BASE]
    unsure = [one for one in listed if one.artifact_type in (None, OCI_EMPTY)]
    return (*sure[:MAX_TRIED], *unsure[:MAX_TRIED])


def leaves_of(kept: Manifest) -> dict[str, Descriptor]:
    """Return the blobs of a saved base by their type.

    Raises:
        ImageError: `document-invalid`, when it has not exactly the two that it must have.
    """
    found = {layer.media_type: layer for layer in kept.view.layers}
    if found.keys() != LIMITS.keys() or len(kept.view.layers) != len(LIMITS):
        raise _unusable(kept.document.digest, "it does not hold one manifest and one config")
    return found


def read_saved(kept: Manifest, contents: dict[str, bytes], home: Repository) -> Base:
    """Return the base that an artifact keeps; `contents` are its blobs by type, verified, and `home` is where it lies.

    A base that has no name is told by its digest, beside the image.

    Raises:
        ImageError: it is none.
    """
    leaves = leaves_of(kept)
    manifest = parse_manifest(None, contents[SAVED_MANIFEST], leaves[SAVED_MANIFEST].digest)
    if not isinstance(manifest, Manifest) or manifest.view.config.digest != leaves[SAVED_CONFIG].digest:
        raise _unusable(kept.document.digest, "its config is not that of its manifest")
    require_image(manifest)
    told = manifest.view.config
    config = parse_config(parse_document(told.media_type, contents[SAVED_CONFIG], MAX_CONFIG, told.digest))
    digest = told_digest(kept.view.notes) or manifest.document.digest
    name = _name(kept) or Reference(home, None, manifest.document.digest)
    return Base(name, digest, join(manifest, config), FROM_SAVED_BASE)


def _name(kept: Manifest) -> Reference | None:
    """Return the name that the base had; no image may send us to a directory of this machine."""
    try:
        name = parse_base(kept.view.notes.get(annotations.BASE_NAME, ""))
    except ValueError:
        return None
    local = isinstance(name, Scratch) or name.repository.transport is not Transport.REGISTRY
    return None if local or isinstance(name, Scratch) or name.digest else name


def _unusable(digest: Digest, what: str) -> ImageError:
    return ImageError(
        "document-invalid",
        f"The saved base {digest} cannot be used: {what}",
        "Delete it from the image's repository, and name the base that the image was built on in `old-base`.",
    )
