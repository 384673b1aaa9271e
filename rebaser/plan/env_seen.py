"""What the layers change about the merged environment: variables that hold paths with files behind them."""

from collections.abc import Iterator, Mapping

from rebaser.oci.strict_json import Json
from rebaser.plan.env_merge import MergedEnv
from rebaser.plan.model import Conflict, Seen, Sides, Weight

_POINTER = "/config/Env"
HELD = "inherited-variable"
REWRITTEN = "env-rewritten"
_DERIVED = "env-derived"


def as_seen(env: MergedEnv, app: Mapping[str, str], seen: Seen) -> MergedEnv:
    """Return the environment with what `seen` says of it; `app` are the application's variables."""
    if not seen.holds and not seen.rewritten:
        return env
    values = {name: value for name, _, value in (entry.partition("=") for entry in env.entries)}
    conflicts = [one for one in env.conflicts if not (one.kind == _DERIVED and one.key in seen.rewritten)]
    conflicts += _told(values, app, seen)
    values |= {name: app[name] for name in sorted(seen.holds) if name in app}
    values |= {name: text for name, text in seen.rewritten.items() if name in values}
    return MergedEnv(tuple(f"{name}={value}" for name, value in values.items()), tuple(conflicts))


def _told(values: Mapping[str, str], app: Mapping[str, str], seen: Seen) -> Iterator[Conflict]:
    for name in sorted(seen.holds & app.keys()):
        message = f"The application has files below what {name} names; the new base has another path there"
        sides: Sides[Json] = Sides(app[name], app[name], values.get(name))
        yield Conflict(HELD, _POINTER, name, message, sides, f"{name}={app[name]}", Weight.BLOCKER)
    for name, text in seen.rewritten.items():
        message = f"{name} named a path of the old base, which in the new base has another name and is there"
        sides = Sides(None, app.get(name), None)
        yield Conflict(REWRITTEN, _POINTER, name, message, sides, f"{name}={text}", Weight.NOTE)
