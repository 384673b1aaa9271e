"""How a container starts: Entrypoint and Cmd together, since ENTRYPOINT resets an inherited Cmd."""

from collections.abc import Iterable

from rebaser.oci.strict_json import Json, same
from rebaser.plan.model import Conflict, Side, Sides, Weight
from rebaser.plan.rules import Merging, Settings, chosen_over, equal

DEFAULT_SHELL: list[Json] = ["/bin/sh", "-c"]


def merge_start(key: str, merging: Merging) -> None:
    """Settle one of Entrypoint, Cmd and ArgsEscaped, by replaying which of the two instructions ran on the new base."""
    settings = merging.settings
    entrypoint, command = _from(settings)
    merging.take(key, entrypoint if key == "Entrypoint" else command)
    one = settings.one(key)
    told = (key == "Entrypoint" and entrypoint == "app") or (key == "Cmd" and command == "app")
    if told and not equal(one.new, one.old) and not equal(one.new, one.app):
        weight = Weight.NOTE if equal(one.app, one.old) else Weight.WARNING
        merging.conflicts.append(chosen_over(f"/config/{key}", "", one, one.app, weight))
    if key == "Entrypoint" and (entrypoint, command) == ("new", "app") and not equal(one.new, one.old):
        message = "The application's Cmd is now given to another Entrypoint, the new base's"
        conflict = Conflict("entrypoint-changed", "/config/Entrypoint", "", message, one, merging.merged.get(key))
        merging.conflicts.append(conflict)


def shell_forms(merging: Merging) -> Iterable[Conflict]:
    """Tell of commands that look wrapped with the old base's SHELL, and would be wrapped with the new one's."""
    settings = merging.settings
    shell = settings.one("Shell")
    if equal(shell.old, shell.new) or settings.ran("SHELL") or not equal(shell.app, shell.old):
        return
    wrapped = shell.old or DEFAULT_SHELL
    for key in ("Entrypoint", "Cmd"):
        one = settings.one(key)
        kept = isinstance(one.app, list) and same(merging.merged.get(key), one.app)
        if kept and isinstance(one.app, list) and same(one.app[:-1], wrapped):
            message = f"{key} looks like a command that was wrapped with the old base's SHELL; the new base's differs"
            yield Conflict("shell-form", f"/config/{key}", "", message, one, one.app)


def _from(settings: Settings) -> tuple[Side, Side]:
    """Return whose Entrypoint and whose Cmd the result has."""
    entrypoint, command = settings.one("Entrypoint"), settings.one("Cmd")
    if settings.ran("ENTRYPOINT") or _changed(entrypoint) or _was_reset(settings, command):
        return "app", "app"
    if settings.ran("CMD") or _changed(command):
        return "new", "app"
    return "new", "new"


def _changed(one: Sides[Json]) -> bool:
    return not equal(one.app, one.old)


def _was_reset(settings: Settings, command: Sides[Json]) -> bool:
    """Answer whether the application lost the old base's Cmd, which is what an ENTRYPOINT of its own does to it."""
    return settings.replay is None and bool(command.old) and not command.app
