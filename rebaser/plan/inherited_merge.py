"""WorkingDir and User: values of the base that the application's layers may have been built under.

Had the application been built on a base with another one, its files might lie elsewhere or belong to someone else.
Configs alone can't tell, so a change that may matter blocks, and the application's value stays.
"""

from typing import Literal

from rebaser.oci.strict_json import Json
from rebaser.plan.model import Conflict, Sides, Weight
from rebaser.plan.rules import Merging, Settings, blocker, choose, chosen_over, equal

_ROOT = frozenset({"", "root", "0", "root:root", "0:0", "root:0", "0:root"})


def merge_inherited(key: str, merging: Merging) -> None:
    """Settle WorkingDir or User."""
    settings = merging.settings
    one = settings.one(key)
    instruction: Literal["WORKDIR", "USER"] = "USER" if key == "User" else "WORKDIR"
    meant = Sides(*(_meant(key, value) for value in (one.old, one.app, one.new)))
    if meant.app == meant.old and not settings.ran(instruction):
        _inherit(key, merging, meant)
        return
    if meant.old == meant.new:
        return
    if settings.replay is not None and settings.replay.built_under_base(instruction):
        message = (
            f"Steps of the application ran under the old base's {key}, before it set its own; the new base's differs"
        )
        merging.conflicts.append(blocker(f"built-under-{key.lower()}", key, message, one))
    elif meant.app != meant.new:
        side, weight = choose(Sides(meant.old, meant.app, meant.new), settings.on_conflict, ran=True)
        merging.take(key, side)
        merging.conflicts.append(
            chosen_over(f"/config/{key}", "", one, merging.merged.get(key), weight or Weight.WARNING)
        )
    if key == "WorkingDir" and _may_be_relative(settings, meant):
        message = "The application's WorkingDir lies in the old base's, and may have been written relative to it"
        merging.conflicts.append(Conflict("workdir-relative", "/config/WorkingDir", "", message, one, one.app))


def _may_be_relative(settings: Settings, meant: Sides[str]) -> bool:
    """Answer whether the WORKDIR may have been written relative to the base's: builders record it resolved."""
    told = settings.replay.arguments("WORKDIR") if settings.replay else ()
    return all(_lies_in(_meant("WorkingDir", path), meant.old) for path in (meant.app, *told[:1]))


def _lies_in(path: str, directory: str) -> bool:
    return path != directory and f"{path}/".startswith(f"{directory.rstrip('/')}/")


def _inherit(key: str, merging: Merging, meant: Sides[str]) -> None:
    one = merging.settings.one(key)
    if meant.old == meant.new:
        merging.take(key, "new" if equal(one.app, one.old) else "app")
    elif key in merging.settings.seen.follows:
        merging.take(key, "new")
    elif merging.settings.has_app_layers:
        message = f"The application's layers were built under the old base's {key}; the new base has another"
        merging.conflicts.append(blocker(f"inherited-{key.lower()}", key, message, one))
    elif key == "User" and meant.new in _ROOT:
        message = "The application does not run as root; on the new base it would"
        merging.conflicts.append(blocker("user-becomes-root", key, message, one))
    else:
        merging.take(key, "new")


def _meant(key: str, value: Json) -> str:
    text = value if isinstance(value, str) else ""
    if key == "User":
        return "root" if text in _ROOT else text
    return text.rstrip("/") or "/"
