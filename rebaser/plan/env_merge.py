"""What `Env` would be, had the application's ENV instructions run on the new base.

The new base's variables come first, in its order, overridden ones in place; then the application's own, in the order
in which its instructions first set them, which is what builders do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rebaser.oci.strict_json import Json
from rebaser.plan.changed_values import changed_values, standing_in
from rebaser.plan.model import Conflict, Sides, Weight
from rebaser.plan.path_list import Followed, follow, is_path_list
from rebaser.plan.replay import Replay
from rebaser.request import OnConflict

DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What builders put behind the environment of a base that has no PATH."""

_POINTER = "/config/Env"

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
    listed = listed if windows else _with_default_path(listed, replay)
    sides = Sides(*(_by_name(entries, windows=windows) for entries in (listed.old, listed.app, listed.new)))
    written = values_by_name(list(sides.app.values()))
    own = tuple(_key(name, windows=windows) for name in replay.assigned("ENV", written)) if replay else ()
    if list(listed.app) == list(listed.old) and not own:
        return MergedEnv(tuple(listed.new), ())
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


def values_by_name(entries: Entries) -> dict[str, str]:
    """Return the variables; of one that stands twice the last counts, as it does at run time."""
    return {_name(entry): _value(entry) for entry in entries}


def _merge_one(key: str, one: Sides[str | None], known: _Known) -> tuple[str | None, list[Conflict]]:
    if one.app == one.old and key not in known.own:
        return one.new, []
    if one.new in (one.old, one.app):
        return one.app, []
    weight = Weight.WARNING if is_path_list(key) else Weight.NOTE
    if one.app == one.old:
        return one.app, [_conflict("env-set-again", key, one, one.app, weight)]
    followed = _followed(one, known) if is_path_list(key) else None
    if followed is not None and (followed.places or key not in known.own):
        return _as_followed(key, one, followed)
    kept = one.new if known.on_conflict == "base" else one.app
    return kept, [_conflict("env-both-changed", key, one, kept)]


def _followed(one: Sides[str | None], known: _Known) -> Followed | None:
    """Return the application's list with the new base's in the place of the old base's.

    A list that the old base did not have stood empty where the application referred to it: `/app/lib:`.
    """
    if one.app is None:
        return None
    followed = follow(_value(one.old or ""), _value(one.app), _value(one.new or ""), ";" if known.windows else ":")
    return followed if one.old is not None or followed.places else None


def _as_followed(key: str, one: Sides[str | None], followed: Followed) -> tuple[str, list[Conflict]]:
    entry = f"{_name(one.app or key)}={followed.value}"
    if followed.places == 1 and one.old is not None and one.new is not None:
        return entry, []
    return entry, [_conflict("env-path-list", key, one, entry)]


def _with_default_path(listed: Sides[Entries], replay: Replay | None) -> Sides[Entries]:
    """Return the environments as the builder saw them: behind that of a base without PATH stands the default one.

    For the old base the application's own environment tells; for the new one, that a builder would have run.
    """
    default = DEFAULT_PATH.partition("=")[2]
    paths = [entry for entry in listed.app if entry.startswith("PATH=")]
    old = [*listed.old, *([DEFAULT_PATH] if any(default in entry for entry in paths) else [])]
    new = [*listed.new, *([DEFAULT_PATH] if paths and replay and replay.instructions else [])]
    return Sides(listed.old if _has_path(listed.old) else old, listed.app, listed.new if _has_path(listed.new) else new)


def _has_path(entries: Entries) -> bool:
    return any(entry.startswith("PATH=") for entry in entries)


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
    old, new = ({key: _value(entry) for key, entry in side.items()} for side in (sides.old, sides.new))
    changed = changed_values(old, new)
    return [
        _conflict(
            "env-derived", key, Sides(sides.old.get(key), sides.app[key], sides.new.get(key)), entry, weight, of=source
        )
        for key, entry in merged.items()
        if key in sides.app and entry != sides.new.get(key)
        for source, weight in standing_in(_value(entry), changed)
        if key != source or (sides.app[key] != sides.old[key] and not is_path_list(key))
    ]


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
