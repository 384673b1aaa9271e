"""What a layer that a rebase had to change says of the one that it was: descriptor annotations, read and written."""

from pydantic import ValidationError

from rebaser.oci.annotations import ORIGINAL_LAYER
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import parse_diff_id
from rebaser.oci.image import Layer
from rebaser.oci.media_types import LAYERS

_DIGEST, _SIZE, _TYPE, _DIFF_ID = (f"{ORIGINAL_LAYER}.{name}" for name in ("digest", "size", "media-type", "diff-id"))
_MAX_DIGITS = 18


def with_original(layer: Layer, original: Layer) -> Layer:
    """Return the layer with annotations that tell of the one that it was."""
    told = original.descriptor
    notes = {_DIGEST: told.digest, _SIZE: str(told.size), _TYPE: told.media_type, _DIFF_ID: original.diff_id}
    raw = layer.descriptor.raw | {"annotations": {**layer.descriptor.notes, **notes}}
    return Layer(Descriptor.model_validate(raw), layer.diff_id)


def told_original(layer: Layer) -> Layer | None:
    """Return the layer that this one was, as its annotations tell; None where they tell of none that can be one."""
    notes = layer.descriptor.notes
    size, media_type = notes.get(_SIZE, ""), notes.get(_TYPE, "")
    if media_type not in LAYERS or not (size.isascii() and size.isdigit()) or len(size) > _MAX_DIGITS:
        return None
    raw = {"mediaType": media_type, "digest": notes.get(_DIGEST, ""), "size": int(size)}
    try:
        return Layer(Descriptor.model_validate(raw), parse_diff_id(notes.get(_DIFF_ID, "")))
    except (ValidationError, ValueError):
        return None
