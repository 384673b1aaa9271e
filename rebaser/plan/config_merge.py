"""Three-way merge of image configs, as if the application had been built on the new base.

Pure. What could not simply be taken from the one side that changed it is returned as conflicts, not raised.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.oci.config import ImageConfig, instant
from rebaser.oci.image import Layer
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.base_record import renewed
from rebaser.plan.history import rebased_history
from rebaser.plan.model import Base, Conflict, Made, Seam, Seen, Sides, Trio, Weight, Wishes
from rebaser.plan.patch import difference
from rebaser.plan.replay import Replay, read_replay
from rebaser.plan.rules import Settings, choose, chosen_over, object_of
from rebaser.plan.settings_merge import merge_settings

_BUILD_KEYS = ("container", "container_config", "id", "parent")
_BUILD_PREFIX = "moby.buildkit."
_FROM_APP = ("architecture", "os", "variant", "docker_version")
_FROM_NEW_BASE = ("os.version", "os.features")
_SETTLED_ELSEWHERE = {"config", "rootfs", "history", "created", *_FROM_APP, *_FROM_NEW_BASE}


@dataclass(frozen=True, slots=True)
class MergedConfig:
    """The new config, the patch that makes it of the original one, and what had to be decided for it."""

    config: JsonObject
    patch: tuple[JsonObject, ...]
    conflicts: tuple[Conflict, ...]


def merge_config(
    trio: Trio, seam: Seam, layers: Sequence[Layer], wishes: Wishes, seen: Seen, *, top: Made | None = None
) -> MergedConfig:
    """Return the rebased image's config, for the given final `layers`; `seen` is what they tell of it.

    `top` is the last of the layers, where it was made here.
    """
    original = trio.original.config
    replay = read_replay(seam.app_history) if seam.app_history is not None else None
    sides = _documents(trio)
    target, conflicts = _top_level(sides, replay, wishes)
    settings = Settings(
        Sides(*map(_settings_of, (sides.old, sides.app, sides.new))),
        replay,
        has_app_layers=len(original.diff_ids) > seam.layers + len(seam.merge_layers),
        windows=trio.original.platform.os.lower() == "windows",
        on_conflict=wishes.on_conflict,
        seen=seen,
    )
    merged, found = merge_settings(settings)
    _renew_labels(merged, settings.sides, trio.new_base)
    if merged or sides.app.get("config"):
        target["config"] = merged
    target["rootfs"] = {**original.view.rootfs.raw, "diff_ids": [layer.diff_id for layer in layers]}
    _put_or_drop(target, "history", _history(trio, seam, top))
    _put_or_drop(target, "created", _created(original, trio, wishes))
    conflicts += found + _unproved(original, replay)
    return MergedConfig(target, difference(sides.app, target), tuple(conflicts))


def is_build_key(key: str) -> bool:
    """Answer whether a top-level member describes a build that no longer is this image's."""
    return key in _BUILD_KEYS or key.startswith(_BUILD_PREFIX)


def _documents(trio: Trio) -> Sides[JsonObject]:
    old, new = (base.image.config.document.json if base.image else {} for base in (trio.old_base, trio.new_base))
    return Sides(old, trio.original.config.document.json, new)


def _settings_of(document: JsonObject) -> JsonObject:
    return object_of(document.get("config"))


def _top_level(sides: Sides[JsonObject], replay: Replay | None, wishes: Wishes) -> tuple[JsonObject, list[Conflict]]:
    target = dict(sides.app)
    conflicts: list[Conflict] = []
    for key in dict.fromkeys([*sides.app, *sorted(sides.new), *sorted(sides.old)]):
        one: Sides[Json] = Sides(sides.old.get(key), sides.app.get(key), sides.new.get(key))
        if is_build_key(key):
            conflicts += [_removed(key)] if target.pop(key, None) is not None else []
        elif key in _FROM_NEW_BASE and sides.new:
            _put_or_drop(target, key, one.new)
        elif key not in _SETTLED_ELSEWHERE and (replay is None or replay.inherits_at_top(key)):
            ran = key == "author" and replay is not None and replay.ran("MAINTAINER")
            side, weight = choose(one, wishes.on_conflict, ran=ran)
            if side == "new":
                _put_or_drop(target, key, one.new)
            conflicts += [chosen_over(f"/{key}", "", one, target.get(key), weight)] if weight else []
    return target, conflicts


def _renew_labels(merged: JsonObject, sides: Sides[JsonObject], new_base: Base) -> None:
    """Renew a record of the base that the application itself has as labels; one inherited from a base follows it."""
    labels, own, inherited = (object_of(side.get("Labels")) for side in (merged, sides.app, sides.old))
    if any(key in own and own[key] != inherited.get(key) for key in (BASE_NAME, BASE_DIGEST)):
        told = renewed({key: value for key, value in labels.items() if isinstance(value, str)}, new_base)
        merged["Labels"] = {**{key: value for key, value in labels.items() if key in told}, **told}


def _history(trio: Trio, seam: Seam, top: Made | None) -> Json:
    entries = rebased_history(trio.original.config, trio.old_base, trio.new_base, seam, top)
    return trio.original.config.document.json.get("history") if entries is None else entries


def _created(original: ImageConfig, trio: Trio, wishes: Wishes) -> str | None:
    if wishes.created is not None:
        return datetime.fromtimestamp(wishes.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ours = original.view.created
    theirs = trio.new_base.image.config.view.created if trio.new_base.image else None
    mine, others = _moment(ours), _moment(theirs)
    return theirs if others and (mine is None or others > mine) else ours


def _moment(text: str | None) -> tuple[datetime, str] | None:
    """Return the instant, and its nanoseconds beyond what a datetime holds."""
    moment = instant(text)
    fraction = re.search(r"\.(\d+)", text or "")
    return (moment, fraction[1].ljust(9, "0")[6:9] if fraction else "000") if moment else None


def _put_or_drop(target: JsonObject, key: str, value: Json) -> None:
    if value is not None:
        target[key] = value
    elif target.get(key) is not None:
        del target[key]


def _removed(key: str) -> Conflict:
    message = f"{key} described the build of the original and is removed"
    return Conflict("build-key-removed", f"/{key}", "", message, Sides(None, None, None), None, Weight.NOTE)


def _unproved(original: ImageConfig, replay: Replay | None) -> list[Conflict]:
    if replay is not None:
        return []
    message = (
        "The history does not prove which instructions the application ran (it is absent, incomplete, or not a "
        "Dockerfile builder's); a value of its own that equals the old base's is taken for the base's"
    )
    shown: Sides[Json] = Sides(None, len(original.history), None)
    return [Conflict("history-unproved", "/history", "", message, shown, None, Weight.NOTE)]
