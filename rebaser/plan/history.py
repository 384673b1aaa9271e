"""The rebased image's history: the new base's, then the application's own, telling of exactly the layers there are.

Consistent also where a side has none, too little of it, or BuildKit's placeholders: registries refuse an image whose
history and layers differ in number. image-spec config.md#properties.
"""

from collections.abc import Sequence

from rebaser.oci.config import HistoryEntry, ImageConfig
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.model import Base, Made, Seam
from rebaser.plan.seam import MERGE_LAYER, made_layers, placeholder

PLACEHOLDER = "rebaser: no history was recorded for this layer"


def rebased_history(
    original: ImageConfig, old_base: Base, new_base: Base, seam: Seam, top: Made | None = None
) -> list[Json] | None:
    """Return the entries as JSON, None where neither side tells any history; `top` is what is put on top."""
    base_history = new_base.image.config.history if new_base.image else ()
    if not original.history and not base_history:
        return None
    app_layers = len(original.diff_ids) - seam.layers - len(seam.merge_layers)
    own = seam.app_history
    if own is None:
        history = [entry for entry in original.history if entry.comment != MERGE_LAYER]
        own = _likely_own(history, old_base, seam.layers, app_layers)
    created = original.view.created
    base_padding = _padding(len(new_base.layers) - made_layers(base_history), created)
    app_padding = _padding(app_layers - made_layers(own), created)
    on_top = [_entry(top, created)] if top else []
    return [*_raw(base_history), *base_padding, *app_padding, *_raw(own), *on_top]


def _likely_own(
    history: Sequence[HistoryEntry], old_base: Base, base_layers: int, app_layers: int
) -> tuple[HistoryEntry, ...]:
    """Return the entries that most likely are the application's, with no more layers than it has."""
    if made_layers(history) == base_layers + app_layers and app_layers + base_layers > 0:
        return _above(history, old_base, base_layers)
    told = [entry for entry in history if not placeholder(entry)]
    own: list[HistoryEntry] = []
    for entry in reversed(told):
        if not entry.is_empty and made_layers(own) == app_layers:
            break
        own.append(entry)
    return tuple(reversed(own))


def _above(history: Sequence[HistoryEntry], old_base: Base, base_layers: int) -> tuple[HistoryEntry, ...]:
    """Return what follows the entry of the old base's last layer, its own trailing empty entries aside."""
    count = position = 0
    while count < base_layers:
        count += not history[position].is_empty
        position += 1
    trailing = _trailing_empty(old_base.image.config.history if old_base.image else ())
    while position < len(history) and any(history[position].same_step(entry) for entry in trailing):
        position += 1
    return tuple(history[position:])


def _trailing_empty(history: Sequence[HistoryEntry]) -> tuple[HistoryEntry, ...]:
    layers = [position for position, entry in enumerate(history) if not entry.is_empty]
    return tuple(history[layers[-1] + 1 :]) if layers else tuple(history)


def _entry(top: Made, created: str | None) -> JsonObject:
    when: JsonObject = {"created": created} if created else {}
    return {**when, "created_by": top.created_by, "comment": MERGE_LAYER}


def _padding(count: int, created: str | None) -> list[Json]:
    when: JsonObject = {"created": created} if created else {}
    return [{**when, "created_by": "", "comment": PLACEHOLDER} for _ in range(count)]


def _raw(entries: Sequence[HistoryEntry]) -> list[Json]:
    return [entry.raw for entry in entries]
