"""How a container starts: Entrypoint and Cmd together, since ENTRYPOINT resets an inherited Cmd."""

from collections.abc import Iterable

from rebaser.oci.strict_json import Json, same
from rebaser.plan.model import Conflict, Side, Sides, Weight
from rebaser.plan.rules import Merging, Settings, choose, chosen_over, equal

DEFAULT_SHELL: list[Json] = ["/bin/sh", "-c"]


def merge_start(key: str, merging: Merging) -> None:
    """Settle Entrypoint or Cmd, by replaying which of the two instructions ran on the new base."""
    settings = merging.settings
    one = settings.one(key)
    entrypoint, command = _from(settings)
    side = entrypoint if key == "Entrypoint" else command
    merging.take(key, side)
    if not equal(one.new, one.old) and not equal(one.new, one.app) and (side == "app" or not equal(one.app, one.old)):
        weight = Weight.NOTE if equal(one.app, one.old) else Weight.WARNING
        merging.conflicts.append(chosen_over(f"/config/{key}", "", one, merging.merged.get(key), weight))
    if key == "Entrypoint" and (entrypoint, command) == ("new", "app") and not equal(one.new, one.old):
        message = "The application's Cmd is now given to another Entrypoint, the new base's"
        conflict = Conflict("entrypoint-changed", "/config/Entrypoint", "", message, one, merging.merged.get(key))
        merging.conflicts.append(conflict)


def merge_args_escaped(key: str, merging: Merging) -> None:
    """Settle ArgsEscaped: BuildKit's CMD sets it, the classic builder's CMD and ENTRYPOINT clear it."""
    settings = merging.settings
    one = settings.one(key)
    if settings.replay is None:
        merging.take(key, _from(settings)[1])
    elif settings.ran("CMD") or (settings.ran("ENTRYPOINT") and settings.replay.builder == "classic"):
        merging.take(key, "app")
    else:
        merging.take(key, choose(one, settings.on_conflict, ran=False)[0])


def shell_forms(merging: Merging) -> Iterable[Conflict]:
    """Tell of commands that look wrapped with the old base's SHELL, and would be wrapped with the new one's."""
    settings = merging.settings
    shell = settings.one("Shell")
    if equal(shell.old or DEFAULT_SHELL, shell.new or DEFAULT_SHELL):
        return
    for key, instruction in (("Entrypoint", "ENTRYPOINT"), ("Cmd", "CMD")):
        one = settings.one(key)
        own = settings.ran(instruction) or _changed(one)
        wrapped = isinstance(one.app, list) and same(one.app[:-1], shell.old or DEFAULT_SHELL)
        under_own_shell = settings.replay is not None and settings.replay.ran_before("SHELL", instruction)
        if own and wrapped and not under_own_shell and same(merging.merged.get(key), one.app):
            message = f"{key} looks like a command that was wrapped with the old base's SHELL; the new base's differs"
            yield Conflict("shell-form", f"/config/{key}", "", message, one, one.app)


def _from(settings: Settings) -> tuple[Side, Side]:
    """Return whose Entrypoint and whose Cmd the result has."""
    entrypoint, command = settings.one("Entrypoint"), settings.one("Cmd")
    if _is_own(settings, "ENTRYPOINT", entrypoint) or _was_reset(settings, entrypoint, command):
        return "app", "app"
    if _gives_way(settings, entrypoint) and not command.app:
        return "new", "new"
    return "new", ("app" if _is_own(settings, "CMD", command) else "new")


def _is_own(settings: Settings, instruction: str, one: Sides[Json]) -> bool:
    """Answer whether the application's value is its own, and stays."""
    return not _gives_way(settings, one) and (settings.ran(instruction) or _changed(one))


def _gives_way(settings: Settings, one: Sides[Json]) -> bool:
    """Answer whether both changed the value, and the user wants the new base's then."""
    return choose(one, settings.on_conflict, ran=False) == ("new", Weight.WARNING)


def _changed(one: Sides[Json]) -> bool:
    return not equal(one.app, one.old)


def _was_reset(settings: Settings, entrypoint: Sides[Json], command: Sides[Json]) -> bool:
    """Answer whether the application lost the old base's Cmd by an ENTRYPOINT of its own that repeats the base's."""
    return settings.replay is None and not _changed(entrypoint) and bool(command.old) and not command.app
