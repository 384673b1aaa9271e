"""Starts an image as it starts by itself, and waits for what its own health check says. Docker Engine API, Health.

The engine runs the check, more often than the image asks for, and as long in all: retries grow as the interval shrinks.
"""

import math

from rebaser.errors import InputError, InputProblem
from rebaser.oci.strict_json import JsonObject
from rebaser.printable import printable
from rebaser.smoke.containers import State, Watch, container, followed, printed, settings, started
from rebaser.smoke.output import last_lines
from rebaser.transports.docker_engine import Engine
from rebaser.trial.model import OwnHealthcheck, SmokeResult

_INTERVAL = 2 * 10**9  # nanoseconds between two runs of the check
_USUAL_INTERVAL, _USUAL_RETRIES = 30 * 10**9, 3  # where the image says nothing
_NONE = "NONE"


def health_result(test: OwnHealthcheck, engine: Engine, image: str, config: JsonObject, watch: Watch) -> SmokeResult:
    """Return what came of it: healthy, unhealthy, ended before it was either, or neither in time.

    Raises:
        InputError: the image has no health check.
        TransportError: `engine-unreachable`, or `engine-refused` with what it said.
    """
    made = settings(image) | {"Healthcheck": _oftener(config)}
    with container(engine, made) as identity:
        start = watch.clock()
        if trouble := started(engine, identity):
            return SmokeResult(test.told, 127, (), 0.0, printable(trouble))
        state = followed(engine, identity, watch, _is_decided)
        seconds = watch.clock() - start
        out, error = printed(engine, identity)
    checked = _last_check(state)
    lines = last_lines(out, error, str(checked.get("Output") or "").encode())
    code = checked.get("ExitCode") if state.get("Running") else state.get("ExitCode")
    return SmokeResult(test.told, code if isinstance(code, int) else None, lines, seconds, _failure(state, watch))


def _oftener(config: JsonObject) -> JsonObject:
    own = config.get("Healthcheck")
    test = own.get("Test") if isinstance(own, dict) else None
    if not isinstance(own, dict) or not isinstance(test, list) or not test or test[0] == _NONE:
        raise InputError(
            InputProblem(
                "smoke-test",
                "the result has no health check of its own",
                "Give `smoke-test` a command, or build the image with a HEALTHCHECK.",
            )
        )
    interval, retries = _number(own, "Interval", _USUAL_INTERVAL), _number(own, "Retries", _USUAL_RETRIES)
    if interval <= _INTERVAL:
        return own
    return own | {"Interval": _INTERVAL, "Retries": math.ceil(interval * retries / _INTERVAL)}


def _number(own: JsonObject, name: str, usual: int) -> int:
    value = own.get(name)
    return value if isinstance(value, int) and 0 < value < 10**15 else usual


def _is_decided(state: State) -> bool:
    return not state.get("Running") or _health(state).get("Status") in ("healthy", "unhealthy")


def _failure(state: State, watch: Watch) -> str:
    status = _health(state).get("Status")
    if not state.get("Running"):
        why = "for want of memory" if state.get("OOMKilled") else f"with {state.get('ExitCode')}"
        return printable(f"it ended {why} before its health check had passed")
    if status == "healthy":
        return ""
    if status == "unhealthy":
        return "its health check fails"
    return f"its health check had not passed after {watch.seconds:.0f} seconds"


def _health(state: State) -> State:
    health = state.get("Health")
    return health if isinstance(health, dict) else {}


def _last_check(state: State) -> State:
    log = _health(state).get("Log")
    last = log[-1] if isinstance(log, list) and log else None
    return last if isinstance(last, dict) else {}
