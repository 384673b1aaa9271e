"""What changes in a config, as people read it: by variable, label and port. Layers and history are told elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rebaser.oci.strict_json import Json, JsonObject, same

Kind = Literal["added", "removed", "changed", "reordered"]
_ELSEWHERE = ("config", "rootfs", "history")  # told by entries of their own, or with the layers
_BY_KEY = ("Labels", "ExposedPorts", "Volumes")


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """A member of the config, the key in it if it has keys, and both values.

    Null is a value like any other. Where there is none, `change` says so: nothing stands before what is `added`, and
    nothing after what is `removed`.
    """

    change: Kind
    member: str
    key: str
    before: Json
    after: Json


def config_changes(before: JsonObject, after: JsonObject) -> tuple[ConfigChange, ...]:
    """Return what differs between two config documents, members in the order in which they stand."""
    return tuple(_all(before, after))


def _all(before: JsonObject, after: JsonObject) -> Iterator[ConfigChange]:
    for member, change in _compared(before, after):
        if member not in _ELSEWHERE:
            yield ConfigChange(change, member, "", before.get(member), after.get(member))
    ours, theirs = _object(before.get("config")), _object(after.get("config"))
    for member, change in _compared(ours, theirs):
        old, new = ours.get(member), theirs.get(member)
        whole = ConfigChange("reordered" if _is_reordered(member, old, new) else change, member, "", old, new)
        yield from _parts(member, old, new) or (whole,)


def _compared(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[tuple[str, Kind]]:
    """Yield the names under which the two differ, and how."""
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            yield name, "added"
        elif name not in after:
            yield name, "removed"
        elif not same(before[name], after[name]):
            yield name, "changed"


def _parts(member: str, old: Json, new: Json) -> tuple[ConfigChange, ...]:
    """Return the changes by key; none where the member has no keys, or the keys do not show the change."""
    before, after = _keyed(member, old), _keyed(member, new)
    found = _compared(before, after)
    return tuple(ConfigChange(change, member, key, before.get(key), after.get(key)) for key, change in found)


def _keyed(member: str, value: Json) -> JsonObject:
    if member == "Env":
        split = (str(entry).partition("=") for entry in _list(value))
        return {name: text for name, _, text in split}
    return _object(value) if member in _BY_KEY else {}


def _is_reordered(member: str, old: Json, new: Json) -> bool:
    lists = isinstance(old, list) and isinstance(new, list)
    return member == "Env" and lists and sorted(map(str, _list(old))) == sorted(map(str, _list(new)))


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
