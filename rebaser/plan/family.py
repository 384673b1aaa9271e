"""Which family of media types the result is written in, and what of it that family has no words for."""

from collections.abc import Iterable, Mapping

from rebaser.errors import ImageError
from rebaser.oci import media_types
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.image import Layer
from rebaser.oci.media_types import Family
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.model import Wishes


def wants_docker(wishes: Wishes, media_type: str) -> bool:
    """Answer whether what is of `media_type` now is to be written in Docker's family."""
    wanted = wishes.manifest_format
    return wanted == "docker" or (wanted == "keep" and media_types.family(media_type) == "docker")


def nameless(layers: Iterable[Layer]) -> Descriptor | None:
    """Return the first layer for which Docker's manifest has no name."""
    found = (layer.descriptor for layer in layers)
    return next((layer for layer in found if media_types.in_family(layer.media_type, "docker") is None), None)


def chosen_family(wishes: Wishes, media_type: str, layers: Iterable[Layer]) -> Family:
    """Return the family of a manifest that holds `layers`; `media_type` is the original's.

    Raises:
        ImageError: `media-type-unsupported`, when a layer has no name in it.
    """
    if not wants_docker(wishes, media_type):
        return "oci"
    unnamed = nameless(layers)
    if unnamed is None:
        return "docker"
    raise ImageError(
        "media-type-unsupported",
        f"The layer {unnamed.digest} is of the type {unnamed.media_type}, for which Docker's manifest has no name",
        "Set `manifest-format` to `oci`, which every current engine reads.",
    )


def converted(layer: Descriptor, family: Family) -> JsonObject:
    """Return the descriptor of a layer as the family writes it."""
    return {**layer.raw, "mediaType": media_types.in_family(layer.media_type, family) or layer.media_type}


def put_notes(raw: JsonObject, notes: Mapping[str, str], family: Family, notices: list[str]) -> None:
    """Store annotations; Docker's formats have no place for them, so those of an OCI original are dropped and said."""
    if family == "docker" and notes:
        notices.append(f"Docker's manifests have no annotations; dropped: {', '.join(sorted(notes))}")
    if notes and family == "oci":
        raw["annotations"] = dict[str, Json](notes)
    else:
        raw.pop("annotations", None)
