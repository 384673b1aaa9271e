"""What `Env` would be, had the application's ENV instructions run on the new base.

The new base's variables come first, in its order, overridden ones in place; then the application's own, in the order
in which its instructions first set them, which is what builders do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rebaser.oci.strict_json import Json
from rebaser.plan.model import Conflict, OnConflict, Sides, Weight
from rebaser.plan.path_list import follow, is_path_list
from rebaser.plan.replay import Replay

DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What builders put into an image whose base has no environment at all."""

_POINTER = "/config/Env"
_SHORTEST_TELLING = 4  # characters; a shorter value (`1`, `yes`) stands in others by chance

Entries: TypeAlias = Sequence[str]
"""`NAME=value`, as the config lists them."""


@dataclass(frozen=True, slots=True)
class MergedEnv:
    """The result, and what had to be decided for it."""

    entries: tuple[str, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known beside the three environments: what the application set, and by which rules to read."""

    own: tuple[str, ...]
    windows: bool
    on_conflict: OnConflict


def merge_env(listed: Sides[Entries], replay: Replay | None, *, windows: bool, on_conflict: OnConflict) -> MergedEnv:
    """Return the environment of the application on the new base."""
    listed = Sides(_inherited(listed, windows=windows), listed.app, _offered(listed.new, replay, windows=windows))
    sides = Sides(*(_by_name(entries, windows=windows) for entries in (listed.old, listed.app, listed.new)))
    written = [_name(entry) for entry in sides.app.values()]
    own = tuple(_key(name, windows=windows) for name in replay.assigned("ENV", written)) if replay else ()
    known = _Known(own, windows, on_conflict)
    merged: dict[str, str] = {}
    conflicts = list(_order_conflicts(listed, sides))
    for key in dict.fromkeys([*sides.new, *own, *sides.app]):
        one = Sides(sides.old.get(key), sides.app.get(key), sides.new.get(key))
        entry, found = _merge_one(key, one, known)
        conflicts += found
        if entry is not None:
            merged[key] = entry
    conflicts += _derived(sides, merged)
    return MergedEnv(tuple(merged.values()), tuple(conflicts))


def _merge_one(key: str, one: Sides[str | None], known: _Known) -> tuple[str | None, list[Conflict]]:
    if one.app == one.old and key not in known.own:
        return one.new, []
    if one.new in (one.old, one.app):
        return one.app, []
    if is_path_list(key) and one.old is not None and one.app is not None:
        return _merge_path_list(key, one, one.old, one.app, known)
    if one.app == one.old:
        return one.app, [_conflict("env-set-again", key, one, one.app, Weight.NOTE)]
    kept = one.new if known.on_conflict == "base" else one.app
    return kept, [_conflict("env-both-changed", key, one, kept)]


def _merge_path_list(key: str, one: Sides[str | None], old: str, app: str, known: _Known) -> tuple[str, list[Conflict]]:
    followed = follow(_value(old), _value(app), _value(one.new or ""), ";" if known.windows else ":")
    entry = f"{_name(app)}={followed.value}"
    if followed.exact and one.new is not None:
        return entry, []
    return entry, [_conflict("env-path-list", key, one, entry)]


def _inherited(listed: Sides[Entries], *, windows: bool) -> Entries:
    """Return the old base's environment as the builder saw it: an empty one gets the default PATH."""
    default = DEFAULT_PATH.partition("=")[2]
    injected = any(entry.startswith("PATH=") and default in entry for entry in listed.app)
    return [DEFAULT_PATH] if not listed.old and injected and not windows else listed.old


def _offered(new: Entries, replay: Replay | None, *, windows: bool) -> Entries:
    builds = replay is not None and replay.instructions
    return [DEFAULT_PATH] if not new and builds and not windows else new


def _order_conflicts(listed: Sides[Entries], sides: Sides[dict[str, str]]) -> Iterable[Conflict]:
    """Say so where doublets, or an order that is not a builder's, cannot be kept."""
    doublets = any(
        len(entries) != len(names)
        for entries, names in ((listed.old, sides.old), (listed.app, sides.app), (listed.new, sides.new))
    )
    if doublets:
        yield _whole("env-duplicate", "A variable stands twice; the last one counts, as it does at run time", listed)
    kept = [key for key in sides.old if key in sides.app]
    if list(sides.app)[: len(kept)] != kept:
        yield _whole("env-order", "The variables did not stand in the order that builders write; now they do", listed)


def _derived(sides: Sides[dict[str, str]], merged: Mapping[str, str]) -> list[Conflict]:
    """Return values of the application in which an old value of the base still stands, like `$JAVA_HOME/lib`."""
    changed = {
        key: _value(entry)
        for key, entry in sides.old.items()
        if sides.app.get(key) == entry != sides.new.get(key) and _telling(_value(entry))
    }
    return [
        _conflict("env-derived", key, Sides(sides.old.get(key), sides.app[key], sides.new.get(key)), entry, of=source)
        for key, entry in merged.items()
        if key in sides.app and entry != sides.new.get(key)
        for source, value in changed.items()
        if key != source and _embeds(_value(entry), value)
    ]


def _telling(value: str) -> bool:
    return len(value) >= _SHORTEST_TELLING or (len(value) > 1 and value.startswith("/"))


def _embeds(text: str, value: str) -> bool:
    """Answer whether `value` stands in `text` and not just as a part of a longer word."""
    at = text.find(value)
    while at >= 0:
        before, after = text[max(at - 1, 0) : at], text[at + len(value) : at + len(value) + 1]
        if not before.isalnum() and not after.isalnum() and after not in ("-", "_", "."):
            return True
        at = text.find(value, at + 1)
    return False


def _by_name(entries: Entries, *, windows: bool) -> dict[str, str]:
    return {_key(_name(entry), windows=windows): entry for entry in entries}


def _key(name: str, *, windows: bool) -> str:
    return name.upper() if windows else name


def _name(entry: str) -> str:
    at = entry.find("=", 1)  # Windows has names that begin with one
    return entry if at < 0 else entry[:at]


def _value(entry: str) -> str:
    at = entry.find("=", 1)
    return "" if at < 0 else entry[at + 1 :]


_SAYS = {
    "env-set-again": "The application itself sets {key} to what was the old base's value; the new base has another",
    "env-both-changed": "Both the application and the new base changed {key}",
    "env-path-list": "The old base's {key} does not stand at one place in the application's, or the new base has none; "
    "it was followed element by element",
    "env-derived": "{key} holds the value that {of} had in the old base; in the new base {of} is another",
}


def _conflict(
    kind: str,
    key: str,
    one: Sides[str | None],
    kept: str | None,
    weight: Weight = Weight.WARNING,
    *,
    of: str = "",
) -> Conflict:
    values: Sides[Json] = Sides(one.old, one.app, one.new)
    return Conflict(kind, _POINTER, key, _SAYS[kind].format(key=key, of=of), values, kept, weight)


def _whole(kind: str, message: str, listed: Sides[Entries]) -> Conflict:
    values: Sides[Json] = Sides([*listed.old], [*listed.app], [*listed.new])
    return Conflict(kind, _POINTER, "", message, values, None, Weight.NOTE)
