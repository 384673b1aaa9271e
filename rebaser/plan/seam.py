"""Where the base ends and the application begins.

By diff IDs and nothing else: history can be absent or rearranged, and compressed digests change when an engine
pushes an image elsewhere. image-spec config.md#layer-diffid.
"""

from collections.abc import Iterator, Sequence

from rebaser.oci import annotations
from rebaser.oci.config import HistoryEntry, ImageConfig
from rebaser.oci.digest import DiffId
from rebaser.oci.image import Image
from rebaser.plan.model import Base, Seam, Unrelated

MERGE_LAYER = "rebaser.merge-layer.v1"
"""The comment of a merge layer's history entry, by which the next rebase knows it wherever the image has been."""


def find_seam(original: Image, old_base: Base) -> Seam | Unrelated:
    """Return the seam when the old base's complete list of diff IDs begins the original's; else how far they agree."""
    base_ids = [layer.diff_id for layer in old_base.layers]
    matching = common_prefix(base_ids, original.diff_ids)
    if matching < len(base_ids):
        return Unrelated(matching, len(base_ids))
    base_history = old_base.image.config.history if old_base.image else ()
    own = _app_history(original.config, base_history, len(base_ids))
    told = None if own is None else tuple(entry for entry in own if entry.comment != MERGE_LAYER)
    return Seam(len(base_ids), told, frozenset(_merge_layers(original, own, len(base_ids))))


def _merge_layers(original: Image, own: Sequence[HistoryEntry] | None, base_layers: int) -> Iterator[int]:
    """Yield the positions of the layers above the base that an earlier rebase made, by history and by annotation."""
    made = [entry for entry in own or () if not entry.is_empty]
    for position in range(base_layers, len(original.layers)):
        noted = annotations.MERGE_LAYER in original.layers[position].descriptor.notes
        if noted or (made and made[position - base_layers].comment == MERGE_LAYER):
            yield position


def common_prefix(left: Sequence[DiffId], right: Sequence[DiffId]) -> int:
    """Return how many diff IDs two lists share from the start."""
    count = 0
    for ours, theirs in zip(left, right, strict=False):
        if ours != theirs:
            break
        count += 1
    return count


def made_layers(history: Sequence[HistoryEntry]) -> int:
    """Return how many layers `history` tells of."""
    return sum(not entry.is_empty for entry in history)


def placeholder(entry: HistoryEntry) -> bool:
    """Answer whether BuildKit appended the entry for a layer of a base that told no history of it."""
    return entry.comment == "buildkit.exporter.image.v0"


def _app_history(
    original: ImageConfig, base_history: Sequence[HistoryEntry], base_layers: int
) -> tuple[HistoryEntry, ...] | None:
    """Return the entries above the base's, None where history proves nothing.

    It proves something only if it begins with the base's, and what follows tells of each of the application's layers.
    """
    history = original.history
    above = history[len(base_history) :]
    if made_layers(base_history) < base_layers:
        above = tuple(entry for entry in above if not placeholder(entry))
    if not history or made_layers(above) != len(original.diff_ids) - base_layers:
        return None
    pairs = zip(base_history, history, strict=False)
    begins = len(base_history) <= len(history) and all(base.same_step(ours) for base, ours in pairs)
    return above if begins else None
