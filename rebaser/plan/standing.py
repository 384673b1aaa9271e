"""Whether an image can have been built on a base, going by its config: all that the base sets must still stand in it.

The layers can't tell a base from its successor with the same layers and another config; the config can.
"""

from rebaser.oci.image import Image
from rebaser.oci.strict_json import Json, JsonObject, same
from rebaser.plan.model import Base, Seam, Sides
from rebaser.plan.path_list import is_path_list
from rebaser.plan.replay import read_replay
from rebaser.plan.rules import Settings, equal, object_of, strings_of
from rebaser.plan.seam import find_seam

_SET_BY = {
    "Cmd": ("CMD", "ENTRYPOINT"),
    "Entrypoint": ("ENTRYPOINT",),
    "Healthcheck": ("HEALTHCHECK",),
    "Shell": ("SHELL",),
    "StopSignal": ("STOPSIGNAL",),
    "User": ("USER",),
    "WorkingDir": ("WORKDIR",),
}


def stands_on(original: Image, base: Base) -> bool:
    """Answer whether every setting of the base stands in the original, those aside that history proves it to have set.

    The base's layers must begin the original's.
    """
    seam = find_seam(original, base)
    own = seam.app_history if isinstance(seam, Seam) else None
    replay = read_replay(own) if own is not None else None
    sides: Sides[JsonObject] = Sides({}, original.config.settings, base.image.config.settings if base.image else {})
    windows = original.platform.os.lower() == "windows"
    settings = Settings(sides, replay, has_app_layers=True, windows=windows, on_conflict="app")
    return _env_stands(settings) and all(
        _stands(key, settings) for key in (*_SET_BY, "Labels", "ExposedPorts", "Volumes")
    )


def _stands(key: str, settings: Settings) -> bool:
    one = settings.one(key)
    if key in _SET_BY:
        usual = {"WorkingDir": "/", "User": "root"}.get(key)
        mine, bases = (None if value == usual else value for value in (one.app, one.new))
        return not bases or equal(mine, bases) or any(settings.ran(instruction) for instruction in _SET_BY[key])
    mine, bases = object_of(one.app), object_of(one.new)
    own = settings.declared(key, mine)
    return all(name in own or (name in mine and same(mine[name], value)) for name, value in bases.items())


def _env_stands(settings: Settings) -> bool:
    one = settings.one("Env")
    mine, bases = _by_name(one.app), _by_name(one.new)
    own = settings.replay.assigned("ENV", mine) if settings.replay else ()
    return all(
        name in own or value == mine.get(name) or (is_path_list(name) and value in mine.get(name, ""))
        for name, value in bases.items()
    )


def _by_name(value: Json) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in strings_of(value))
    return {name: text for name, _, text in pairs}
