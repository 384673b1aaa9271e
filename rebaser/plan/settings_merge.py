"""What the config's `config` member would be, had the application's instructions run on the new base.

One rule per member; the plain one is: the side that differs from the old base wins, and where both do the application
wins. An instruction that the application ran wins even with a value equal to the old base's: only its history tells.
"""

import re

from rebaser.oci.strict_json import JsonObject
from rebaser.plan.derived import derived_values
from rebaser.plan.env_merge import merge_env, values_by_name
from rebaser.plan.env_seen import as_seen
from rebaser.plan.inherited_merge import merge_inherited
from rebaser.plan.model import Conflict, Sides
from rebaser.plan.replay import Replay
from rebaser.plan.rules import (
    Merging,
    Rule,
    Settings,
    blocker,
    choose,
    chosen_over,
    equal,
    merge_members,
    object_of,
    strings_of,
)
from rebaser.plan.start_merge import merge_args_escaped, merge_start, shell_forms

_STALE = ("Image",)  # the id of the parent in the build; a rebased image has none
_INSTRUCTIONS = {"Healthcheck": "HEALTHCHECK", "Shell": "SHELL", "StopSignal": "STOPSIGNAL"}
_HEALTHCHECK_OPTIONS = re.compile(r"&\{\[.*\]((?: \"[^\"]*\")+) '(.*)'\}", re.DOTALL)
_DURATIONS = ("Interval", "Timeout", "StartPeriod", "StartInterval")  # the last one since docker 25


def merge_settings(settings: Settings) -> tuple[JsonObject, list[Conflict]]:
    """Return the merged `config` member, in the application's order of keys, and the conflicts."""
    sides = settings.sides
    merging = Merging(settings, {key: value for key, value in sides.app.items() if key not in _STALE})
    for key in dict.fromkeys([*sides.app, *sorted(sides.old), *sorted(sides.new)]):
        if key not in _STALE:
            _RULES.get(key, _plain)(key, merging)
    merging.conflicts += [*shell_forms(merging), *derived_values(merging)]
    return merging.merged, merging.conflicts


def _plain(key: str, merging: Merging) -> None:
    settings = merging.settings
    if not settings.inherits(key):
        return
    one = settings.one(key)
    side, weight = choose(one, settings.on_conflict, ran=settings.ran(_INSTRUCTIONS.get(key, "")))
    merging.take(key, side)
    if weight:
        merging.conflicts.append(chosen_over(f"/config/{key}", "", one, merging.merged.get(key), weight))


def _env(key: str, merging: Merging) -> None:
    settings = merging.settings
    one = settings.one(key)
    if equal(one.new, one.old):
        return
    listed = Sides(*map(strings_of, (one.old, one.app, one.new)))
    env = merge_env(listed, settings.replay, windows=settings.windows, on_conflict=settings.on_conflict)
    env = as_seen(env, values_by_name(listed.app), settings.seen)
    merging.conflicts += env.conflicts
    merging.put(key, [*env.entries])


def _by_key(key: str, merging: Merging) -> None:
    """Labels, ports and volumes: the plain rule for each of their keys."""
    settings = merging.settings
    one = settings.one(key)
    if equal(one.new, one.old):
        return
    sides = Sides(*map(object_of, (one.old, one.app, one.new)))
    own = settings.declared(key, sides.app)
    merged, conflicts = merge_members(f"/config/{key}", sides, own, settings.on_conflict)
    merging.conflicts += conflicts
    merging.put(key, merged)


def _healthcheck(key: str, merging: Merging) -> None:
    """BuildKit's HEALTHCHECK replaces the base's; the classic builder's inherits the options that are not given."""
    settings = merging.settings
    one = settings.one(key)
    sides = Sides(*map(object_of, (one.old, one.app, one.new)))
    if equal(one.new, one.old) or not _inherits_options(settings, sides):
        _plain(key, merging)
        return
    merged, conflicts = merge_members(f"/config/{key}", sides, _given_options(settings.replay), settings.on_conflict)
    merging.conflicts += conflicts
    merging.put(key, merged)


def _inherits_options(settings: Settings, sides: Sides[JsonObject]) -> bool:
    """Answer whether the application has a HEALTHCHECK of its own with options that may be the base's."""
    if settings.replay is not None:
        return settings.replay.builder == "classic" and settings.ran("HEALTHCHECK")
    return bool(sides.old and sides.app and sides.new) and not equal(sides.app, sides.old)


def _on_build(key: str, merging: Merging) -> None:
    """The application's own triggers stay its own; those of a base ran when the application was built."""
    one = merging.settings.one(key)
    if not equal(one.old, one.new):
        message = "Triggers of a base run when an application is built on it, and the two bases' differ"
        merging.conflicts.append(blocker("onbuild-changed", key, message, one))


def _given_options(replay: Replay | None) -> frozenset[str]:
    """Return the members that the application's HEALTHCHECKs gave; a later one inherits what an earlier one gave."""
    given: set[str] = set()
    for arguments in replay.arguments("HEALTHCHECK") if replay else ():
        match = _HEALTHCHECK_OPTIONS.fullmatch(arguments)
        durations = re.findall(r'"([^"]*)"', match[1]) if match else []
        given |= {"Test"} | {name for name, text in zip(_DURATIONS, durations, strict=False) if text != "0s"}
        given |= {"Retries"} if match and match[2] != "\\x00" else set()
    return frozenset(given)


_RULES: dict[str, Rule] = {
    "Env": _env,
    "Labels": _by_key,
    "ExposedPorts": _by_key,
    "Volumes": _by_key,
    "Entrypoint": merge_start,
    "Cmd": merge_start,
    "ArgsEscaped": merge_args_escaped,
    "WorkingDir": merge_inherited,
    "User": merge_inherited,
    "OnBuild": _on_build,
    "Healthcheck": _healthcheck,
}
