"""Values of the application's own that may have been written with a variable of the base: `EXPOSE $PORT`.

Builders record every value expanded, in all of `config`. Where an old value of the base still stands in one and the new
base has another, a rebuild would have given another value. For Env itself see env_merge.
"""

from collections.abc import Iterator, Mapping

from rebaser.oci.strict_json import Json, same
from rebaser.plan.changed_values import changed_values, standing_in
from rebaser.plan.env_merge import values_by_name
from rebaser.plan.model import Conflict, Sides
from rebaser.plan.rules import Merging, equal, object_of, strings_of

_TEXTS = {"WorkingDir": "WORKDIR", "User": "USER", "StopSignal": "STOPSIGNAL"}


def derived_values(merging: Merging) -> Iterator[Conflict]:
    """Yield what is to be told of the application's own values that hold an old value of the base."""
    env = merging.settings.one("Env")
    changed = changed_values(values_by_name(strings_of(env.old)), values_by_name(strings_of(env.new)))
    if not changed:
        return
    for pointer, key, text, one in _own_texts(merging):
        for source, weight in standing_in(text, changed):
            name = key or pointer.rpartition("/")[2]
            message = f"{name} holds the value that {source} had in the old base; in the new base {source} is another"
            yield Conflict("value-derived", pointer, key, message, one, one.app, weight)


def _own_texts(merging: Merging) -> Iterator[tuple[str, str, str, Sides[Json]]]:
    """Yield pointer, key and text of every value that is the application's own and was kept."""
    settings = merging.settings
    for member, instruction in _TEXTS.items():
        one = settings.one(member)
        own = settings.ran(instruction) or not equal(one.app, one.old)
        if own and isinstance(one.app, str) and same(merging.merged.get(member), one.app):
            yield f"/config/{member}", "", one.app, one
    for member in ("Labels", "ExposedPorts", "Volumes"):
        yield from _own_keys(member, merging)


def _own_keys(member: str, merging: Merging) -> Iterator[tuple[str, str, str, Sides[Json]]]:
    settings = merging.settings
    sides = Sides(*map(object_of, (settings.one(member).old, settings.one(member).app, settings.one(member).new)))
    declared = settings.declared(member, sides.app)
    kept = object_of(merging.merged.get(member))
    for name, value in sides.app.items():
        own = name in declared or not _stands(name, value, sides.old)
        if own and _stands(name, value, kept) and not _stands(name, value, sides.new):
            one: Sides[Json] = Sides(sides.old.get(name), value, sides.new.get(name))
            yield f"/config/{member}", name, str(value) if member == "Labels" else name, one


def _stands(name: str, value: Json, members: Mapping[str, Json]) -> bool:
    return name in members and same(members[name], value)
