"""An image for one platform: its manifest and its config, joined and held against each other."""

from dataclasses import dataclass

from rebaser.errors import ImageError
from rebaser.oci import media_types
from rebaser.oci.config import ImageConfig
from rebaser.oci.descriptor import Descriptor, DescriptorPlatform
from rebaser.oci.digest import DiffId
from rebaser.oci.manifest import Manifest
from rebaser.oci.platform import Platform
from rebaser.printable import printable


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: the blob as stored, and what it contains."""

    descriptor: Descriptor
    diff_id: DiffId


@dataclass(frozen=True, slots=True)
class Image:
    """One platform's image. Layers are listed base first.

    `platform` and `os_version` are the config's, and where it leaves them out, those of the index that lists the image.
    """

    manifest: Manifest
    config: ImageConfig
    layers: tuple[Layer, ...]
    platform: Platform
    os_version: str

    @property
    def diff_ids(self) -> tuple[DiffId, ...]:
        """Return the layers' diff IDs, base first."""
        return self.config.diff_ids


def require_image(manifest: Manifest) -> None:
    """Refuse a manifest that is not a container image that can be taken apart.

    Raises:
        ImageError: `not-an-image` for artifacts and referrers, `layer-unsupported` for encrypted and other layers.
    """
    view = manifest.view
    if view.config.media_type not in media_types.CONFIGS:
        raise _not_an_image(manifest, f"its config is of the type {printable(view.config.media_type)}")
    if view.subject is not None:
        raise _not_an_image(manifest, f"it is a referrer: it says something of {view.subject.digest}")
    for position, layer in enumerate(view.layers):
        if layer.media_type not in media_types.LAYERS:
            raise ImageError(
                "layer-unsupported",
                f"Layer {position} of {manifest.document.digest} is of the type {printable(layer.media_type)}, "
                "which cannot be looked into or moved safely",
                "Rebuild this image on the new base instead; an encrypted image must be decrypted first.",
            )


def join(manifest: Manifest, config: ImageConfig, listed: DescriptorPlatform | None = None) -> Image:
    """Return the image that a manifest and its config make; `listed` is the platform that an index gives it.

    Raises:
        ImageError: `image-inconsistent`, when layers and diff IDs, or layers and history, cannot belong together.
    """
    layers, diff_ids = manifest.view.layers, config.diff_ids
    if len(layers) != len(diff_ids):
        raise _inconsistent(manifest, f"its manifest has {len(layers)} layers, its config {len(diff_ids)} diff IDs")
    claimed = sum(not entry.is_empty for entry in config.history)
    if claimed > len(layers):
        raise _inconsistent(manifest, f"its history tells of {claimed} layers, but it has {len(layers)}")
    own = config.view
    platform = Platform(own.os, own.architecture, own.variant or (listed.variant if listed else None) or "")
    os_version = own.os_version or (listed.os_version if listed else None) or ""
    return Image(manifest, config, tuple(map(Layer, layers, diff_ids)), platform, os_version)


def _not_an_image(manifest: Manifest, why: str) -> ImageError:
    return ImageError(
        "not-an-image",
        f"{manifest.document.digest} is not a container image: {why}",
        "Name a container image in `image`, `old-base` and `new-base`; "
        "charts, signatures, attestations and other artifacts have no base.",
    )


def _inconsistent(manifest: Manifest, what: str) -> ImageError:
    return ImageError(
        "image-inconsistent",
        f"The image {manifest.document.digest} contradicts itself: {what}",
        "Rebuild this image; no tool can tell which of its layers are meant.",
    )
