"""What the config's `config` member would be, had the application's instructions run on the new base.

One rule per member; the plain one is: the side that differs from the old base wins, and where both do the application
wins. An instruction that the application ran wins even with a value equal to the old base's: only its history tells.
"""

import re
from collections.abc import Sequence

from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.env_merge import merge_env
from rebaser.plan.inherited_merge import merge_inherited
from rebaser.plan.model import Conflict, Sides
from rebaser.plan.replay import Replay
from rebaser.plan.rules import Merging, Rule, Settings, blocker, choose, chosen_over, equal, merge_members
from rebaser.plan.start_merge import merge_start, shell_forms

_STALE = ("Image",)  # the id of the parent in the build; a rebased image has none
_INSTRUCTIONS = {"Healthcheck": "HEALTHCHECK", "Shell": "SHELL", "StopSignal": "STOPSIGNAL"}
_HEALTHCHECK_OPTIONS = re.compile(r"&\{\[.*\] \"([^\"]*)\" \"([^\"]*)\" \"([^\"]*)\" '(.*)'\}", re.DOTALL)
_HEALTHCHECK_MEMBERS = ("Interval", "Timeout", "StartPeriod", "Retries")
_NOT_GIVEN = ("0s", "\\x00")


def merge_settings(settings: Settings) -> tuple[JsonObject, list[Conflict]]:
    """Return the merged `config` member, in the application's order of keys, and the conflicts."""
    sides = settings.sides
    merging = Merging(settings, {key: value for key, value in sides.app.items() if key not in _STALE})
    for key in dict.fromkeys([*sides.app, *sorted(sides.old), *sorted(sides.new)]):
        if key not in _STALE:
            _RULES.get(key, _plain)(key, merging)
    merging.conflicts += shell_forms(merging)
    return merging.merged, merging.conflicts


def _plain(key: str, merging: Merging) -> None:
    settings = merging.settings
    one = settings.one(key)
    side, weight = choose(one, settings.on_conflict, ran=settings.ran(_INSTRUCTIONS.get(key, "")))
    merging.take(key, side)
    if weight:
        merging.conflicts.append(chosen_over(f"/config/{key}", "", one, merging.merged.get(key), weight))


def _env(key: str, merging: Merging) -> None:
    settings = merging.settings
    one = settings.one(key)
    replay = settings.replay
    replayed = replay is not None and (replay.ran("ENV") or (not one.new and replay.instructions))
    if equal(one.new, one.old):
        return
    if equal(one.app, one.old) and not replayed:
        merging.take(key, "new")
        return
    listed = Sides(_strings(one.old), _strings(one.app), _strings(one.new))
    env = merge_env(listed, replay, windows=settings.windows, on_conflict=settings.on_conflict)
    merging.conflicts += env.conflicts
    merging.put(key, [*env.entries])


def _by_key(key: str, merging: Merging) -> None:
    """Labels, ports and volumes: the plain rule for each of their keys."""
    settings = merging.settings
    one = settings.one(key)
    sides = Sides(*map(_object, (one.old, one.app, one.new)))
    own = _set_by_app(key, settings.replay, sides.app)
    if equal(one.new, one.old):
        return
    if equal(one.app, one.old) and not own:
        merging.take(key, "new")
        return
    merged, conflicts = merge_members(f"/config/{key}", sides, own, settings.on_conflict)
    merging.conflicts += conflicts
    merging.put(key, merged)


def _healthcheck(key: str, merging: Merging) -> None:
    """BuildKit's HEALTHCHECK replaces the base's; the classic builder's inherits the options that are not given."""
    settings = merging.settings
    one = settings.one(key)
    sides = Sides(*map(_object, (one.old, one.app, one.new)))
    whole = settings.replay is not None and settings.replay.builder == "buildkit" and settings.ran("HEALTHCHECK")
    inherits = sides.old and sides.app and sides.new and not equal(one.new, one.old)
    if whole or not inherits or (equal(one.app, one.old) and not settings.ran("HEALTHCHECK")):
        _plain(key, merging)
        return
    given = _given_options(settings.replay)
    merged, conflicts = merge_members("/config/Healthcheck", sides, given, settings.on_conflict)
    merging.conflicts += conflicts
    merging.put(key, merged)


def _on_build(key: str, merging: Merging) -> None:
    """The application's own triggers stay its own; those of a base ran when the application was built."""
    one = merging.settings.one(key)
    if not equal(one.old, one.new):
        message = "Triggers of a base run when an application is built on it, and the two bases' differ"
        merging.conflicts.append(blocker("onbuild-changed", key, message, one))


def _set_by_app(key: str, replay: Replay | None, app: JsonObject) -> frozenset[str]:
    if replay is None:
        return frozenset()
    if key == "Labels":
        return frozenset(replay.assigned("LABEL", app))
    return replay.volumes(app) if key == "Volumes" else replay.ports() & app.keys()


def _given_options(replay: Replay | None) -> frozenset[str]:
    """Return the members that the application's HEALTHCHECK gave, going by what its history records of them."""
    arguments: Sequence[str] = replay.arguments("HEALTHCHECK") if replay else ()
    match = _HEALTHCHECK_OPTIONS.fullmatch(arguments[-1]) if arguments else None
    if match is None:
        return frozenset({"Test"} if arguments else ())
    options = zip(_HEALTHCHECK_MEMBERS, match.groups(), strict=True)
    return frozenset({"Test"} | {name for name, text in options if text not in _NOT_GIVEN})


def _strings(value: Json) -> Sequence[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


_RULES: dict[str, Rule] = {
    "Env": _env,
    "Labels": _by_key,
    "ExposedPorts": _by_key,
    "Volumes": _by_key,
    "Entrypoint": merge_start,
    "Cmd": merge_start,
    "ArgsEscaped": merge_start,
    "WorkingDir": merge_inherited,
    "User": merge_inherited,
    "OnBuild": _on_build,
    "Healthcheck": _healthcheck,
}
