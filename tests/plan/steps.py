"""History entries out of what builders write."""

from rebaser.oci.config import HistoryEntry
from rebaser.oci.strict_json import JsonObject


def entries(*raw: JsonObject) -> tuple[HistoryEntry, ...]:
    return tuple(HistoryEntry.model_validate(entry) for entry in raw)
