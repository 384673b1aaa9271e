"""What the rules of the config merge share: the three sides, the plain rule, and the result as it grows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rebaser.oci.strict_json import Json, JsonObject, same
from rebaser.plan.model import Conflict, Seen, Side, Sides, Weight
from rebaser.plan.replay import Replay
from rebaser.request import OnConflict

_EMPTY_IN_CLASSIC: JsonObject = {
    "Hostname": "",
    "Domainname": "",
    "AttachStdin": False,
    "Tty": False,
    "User": "",
    "WorkingDir": "",
    "Env": None,
    "Entrypoint": None,
    "Cmd": None,
    "Volumes": None,
    "Labels": None,
}
"""How the classic builder writes an empty member; BuildKit leaves it out."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The three `config` members, and what is known of how the application's came about."""

    sides: Sides[JsonObject]
    replay: Replay | None
    has_app_layers: bool
    windows: bool
    on_conflict: OnConflict
    seen: Seen = field(default_factory=Seen)

    def one(self, key: str) -> Sides[Json]:
        """Return the three values of a member; null where it is absent."""
        return Sides(self.sides.old.get(key), self.sides.app.get(key), self.sides.new.get(key))

    def ran(self, instruction: str) -> bool:
        """Answer whether history proves that the application ran the instruction."""
        return self.replay is not None and self.replay.ran(instruction)

    def inherits(self, key: str) -> bool:
        """Answer whether the application's builder hands down that member of a base's; where unknown, yes."""
        return self.replay is None or self.replay.inherits(key)

    def declared(self, key: str, names: JsonObject) -> frozenset[str]:
        """Return those of the labels, ports or volumes `names` that history proves the application to have set."""
        if self.replay is None:
            return frozenset()
        if key == "Labels":
            values = {name: value for name, value in names.items() if isinstance(value, str)}
            return frozenset(self.replay.assigned("LABEL", values))
        return self.replay.volumes(names) if key == "Volumes" else self.replay.ports(names)


@dataclass(slots=True)
class Merging:
    """The merged `config` member as it grows, and what had to be decided for it."""

    settings: Settings
    merged: JsonObject
    conflicts: list[Conflict] = field(default_factory=list)

    def take(self, key: str, side: Side) -> None:
        """Give `key` the value of one side; an empty one is written the way the application writes them."""
        value = self.settings.one(key)
        if equal(getattr(value, side), value.app):
            side = "app"
        chosen = getattr(self.settings.sides, side)
        if chosen.get(key):
            self.merged[key] = chosen[key]
        elif side == "new":
            self.clear(key)

    def clear(self, key: str) -> None:
        """Make `key` empty."""
        if "Hostname" in self.settings.sides.app and key in _EMPTY_IN_CLASSIC:
            self.merged[key] = _EMPTY_IN_CLASSIC[key]
        else:
            self.merged.pop(key, None)

    def put(self, key: str, value: Json) -> None:
        """Give `key` a merged value."""
        if value:
            self.merged[key] = value
        elif self.settings.one(key).app:
            self.clear(key)


Rule: TypeAlias = Callable[[str, Merging], None]


def equal(left: Json, right: Json) -> bool:
    """Answer whether two values mean the same: absent, null and the empty value of a member do."""
    return same(left, right) or (not left and not right)


def choose(one: Sides[Json], on_conflict: OnConflict, *, ran: bool) -> tuple[Side, Weight | None]:
    """Return the side whose value is taken by the plain rule, and how much that deserves to be told."""
    if equal(one.new, one.old) or equal(one.new, one.app):
        return "app", None
    if equal(one.app, one.old):
        return ("app", Weight.NOTE) if ran else ("new", None)
    return ("new" if on_conflict == "base" else "app"), Weight.WARNING


def chosen_over(pointer: str, key: str, one: Sides[Json], kept: Json, weight: Weight) -> Conflict:
    """Return the conflict that `choose` asks to be told."""
    name = key or pointer.rpartition("/")[2]
    if weight is Weight.NOTE:
        message = f"The application itself sets {name} to what was the old base's value; the new base has another"
        return Conflict("set-again", pointer, key, message, one, kept, weight)
    message = f"Both the application and the new base changed {name}"
    return Conflict("both-changed", pointer, key, message, one, kept, weight)


def blocker(kind: str, key: str, message: str, one: Sides[Json]) -> Conflict:
    """Return a conflict that configs alone cannot settle; the application's value is kept."""
    return Conflict(kind, f"/config/{key}", "", message, one, one.app, Weight.BLOCKER)


def merge_members(
    pointer: str, sides: Sides[JsonObject], own: frozenset[str], on_conflict: OnConflict
) -> tuple[JsonObject, list[Conflict]]:
    """Return an object merged key by key by the plain rule; `own` are the keys that the application set itself."""
    merged: JsonObject = {}
    conflicts: list[Conflict] = []
    for name in dict.fromkeys([*sides.app, *sorted(sides.new)]):
        side, weight = choose(_presence(sides, name), on_conflict, ran=name in own)
        chosen: JsonObject = getattr(sides, side)
        if name in chosen:
            merged[name] = chosen[name]
        if weight:
            one: Sides[Json] = Sides(sides.old.get(name), sides.app.get(name), sides.new.get(name))
            conflicts.append(chosen_over(pointer, name, one, merged.get(name), weight))
    return merged, conflicts


def _presence(sides: Sides[JsonObject], name: str) -> Sides[Json]:
    """Return the three values such that an empty value differs from an absent one, as it does for a label."""
    old, app, new = ([side[name]] if name in side else [] for side in (sides.old, sides.app, sides.new))
    return Sides(old, app, new)


def strings_of(value: Json) -> Sequence[str]:
    """Return a member that is a list of strings; none for one that is absent or null."""
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def object_of(value: Json) -> JsonObject:
    """Return a member that is an object; an empty one for one that is absent or null."""
    return value if isinstance(value, dict) else {}
