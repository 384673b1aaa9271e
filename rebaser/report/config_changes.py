"""What changes in a config, as people read it: by variable, label and port. Layers and history are told elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rebaser.oci.strict_json import Json, JsonObject

ORDER = "(order)"
_ELSEWHERE = ("config", "rootfs", "history")  # told by entries of their own, or with the layers
_BY_KEY = ("Labels", "ExposedPorts", "Volumes")


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """A member of the config, the key in it if it has keys, and both values; null stands for one that is not there."""

    member: str
    key: str
    before: Json
    after: Json


def config_changes(before: JsonObject, after: JsonObject) -> tuple[ConfigChange, ...]:
    """Return what differs between two config documents, members in the order in which they stand."""
    return tuple(change for change in _all(before, after) if change.before != change.after)


def _all(before: JsonObject, after: JsonObject) -> Iterator[ConfigChange]:
    for member in _union(before, after):
        if member not in _ELSEWHERE:
            yield ConfigChange(member, "", before.get(member), after.get(member))
    ours, theirs = _object(before.get("config")), _object(after.get("config"))
    for member in _union(ours, theirs):
        old, new = ours.get(member), theirs.get(member)
        if member == "Env":
            yield from _variables(_list(old), _list(new))
        elif member in _BY_KEY:
            yield from _keyed(member, _object(old), _object(new))
        else:
            yield ConfigChange(member, "", old, new)


def _variables(before: list[Json], after: list[Json]) -> Iterator[ConfigChange]:
    old, new = _named(before), _named(after)
    yield from _keyed("Env", old, new)
    if old == new:
        yield ConfigChange("Env", ORDER, before, after)


def _keyed(member: str, before: JsonObject, after: JsonObject) -> Iterator[ConfigChange]:
    for key in _union(before, after):
        yield ConfigChange(member, key, before.get(key), after.get(key))


def _named(variables: list[Json]) -> JsonObject:
    split = (str(entry).partition("=") for entry in variables)
    return {name: value for name, _, value in split}


def _union(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[str]:
    return list(dict.fromkeys((*before, *after)))


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
