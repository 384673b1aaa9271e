"""Runs one container of an image to its end, or ends it. Docker Engine API v1.24 and later, /containers.

A container has no network but its own loopback, no mounts, no rights beyond the engine's usual ones, and limits; it is
always removed. What it prints is kept only as far as its end.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from rebaser.errors import TransportError
from rebaser.transports.docker_engine import Engine
from rebaser.trial.model import Command

SECONDS: Final = 300.0  # that a test may take
MEMORY: Final = 4 * 1024**3  # bytes
PROCESSES: Final = 2048  # threads count as well
MAX_OUTPUT: Final = 4 * 1024 * 1024  # bytes that are read of what a container printed; the engine keeps half of it
_KEPT_FILES, _KEPT_SIZE = "2", "1m"  # of the engine's log: the older half goes when a half is full
_LINES = "5000"  # that are asked for
_OUT, _ERROR = 1, 2  # streams, as the engine numbers them
_NOT_STARTED = (126, 127)  # exit codes of a program that cannot be executed, or is not there
_PAUSE, _LONGEST_PAUSE = 0.05, 1.0  # seconds between two looks
_GONE = (404, 409)

State = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Watch:
    """The clock, and sleep, so that tests need neither. `seconds` are those that one test may take."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Ended:
    """How a container ended: its exit code, None where it had to be ended; what it printed; and seconds.

    `trouble` is what the engine says of an end that is not the program's own; it is not safe to print.
    """

    exit_code: int | None
    out: bytes
    error: bytes
    seconds: float
    trouble: str = ""


def settings(image: str, command: Command | None = None) -> dict[str, object]:
    """Return what a container is made of; without a command it is the image as it starts by itself."""
    limits = {
        "NetworkMode": "none",
        "Memory": MEMORY,
        "PidsLimit": PROCESSES,
        "LogConfig": {"Type": "json-file", "Config": {"max-size": _KEPT_SIZE, "max-file": _KEPT_FILES}},
    }
    made: dict[str, object] = {"Image": image, "NetworkDisabled": True, "HostConfig": limits}
    made["Labels"] = {"io.rebaser.purpose": "smoke-test"}
    if command is None:
        return made
    made |= {"Entrypoint": [*command.argv], "Cmd": [], "Healthcheck": {"Test": ["NONE"]}, "Env": [*command.environment]}
    return made | ({"User": command.user} if command.user else {})


@contextmanager
def container(engine: Engine, made: Mapping[str, object]) -> Iterator[str]:
    """Give out the ID of a container that is not started yet, and remove it in the end, with its volumes.

    Raises:
        TransportError: `engine-unreachable`, or `engine-refused` with what it said.
    """
    answer = engine.ask("POST", "/containers/create", made)
    identity = answer.told.get("Id")
    if not answer.is_success or not isinstance(identity, str):
        raise engine.refused(str(answer.told.get("message") or f"HTTP {answer.status}"))
    try:
        yield identity
    except BaseException:
        with suppress(TransportError):  # what went wrong first is what is told
            _remove(engine, identity)
        raise
    _remove(engine, identity)


def run(engine: Engine, made: Mapping[str, object], watch: Watch) -> Ended:
    """Run a container to its end, at most as long as `watch` allows.

    Raises:
        TransportError: `engine-unreachable`, or `engine-refused` with what it said.
    """
    with container(engine, made) as identity:
        return carry_out(engine, identity, watch)


def carry_out(engine: Engine, identity: str, watch: Watch) -> Ended:
    """Start a container, wait for its end, and return how that was; the container stays."""
    start = watch.clock()
    trouble = started(engine, identity)
    if trouble:
        return Ended(127, b"", b"", watch.clock() - start, trouble)
    state = followed(engine, identity, watch, lambda state: not state.get("Running"))
    seconds = watch.clock() - start
    if state.get("Running"):
        engine.ask("POST", f"/containers/{identity}/kill")
        return Ended(None, *printed(engine, identity), seconds, f"it was ended after {watch.seconds:.0f} seconds")
    killed = f"it wanted more than {MEMORY} bytes of memory" if state.get("OOMKilled") else ""
    return Ended(_code(state), *printed(engine, identity), seconds, killed or str(state.get("Error") or ""))


def started(engine: Engine, identity: str) -> str:
    """Start a container, and return why its program cannot be started; nothing where it was.

    Raises:
        TransportError: `engine-refused`, when it is not for the program that it cannot be started.
    """
    answer = engine.ask("POST", f"/containers/{identity}/start")
    if answer.is_success:
        return ""
    said = str(answer.told.get("message") or f"HTTP {answer.status}")
    if _code(state_of(engine, identity)) in _NOT_STARTED:
        return said
    raise engine.refused(said)


def followed(engine: Engine, identity: str, watch: Watch, is_over: Callable[[State], bool]) -> State:
    """Look at a container until something is over, or the time is; return its last state."""
    deadline, pause = watch.clock() + watch.seconds, _PAUSE
    while not is_over(state := state_of(engine, identity)) and watch.clock() < deadline:
        watch.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return state


def state_of(engine: Engine, identity: str) -> State:
    """Return what the engine tells of a container's state.

    Raises:
        TransportError: `engine-unreachable`, or `engine-refused` where there is no such container any more.
    """
    answer = engine.ask("GET", f"/containers/{identity}/json")
    state = answer.told.get("State")
    if not answer.is_success or not isinstance(state, dict):
        raise engine.refused(str(answer.told.get("message") or "it tells of a container without a state"))
    return state


def printed(engine: Engine, identity: str) -> tuple[bytes, bytes]:
    """Return the ends of what a container printed: its output, and its error output."""
    wanted = {"stdout": "1", "stderr": "1", "tail": _LINES}
    answer = engine.beginning(f"/containers/{identity}/logs", wanted, MAX_OUTPUT)
    if not answer.is_success:
        return b"", b""
    pieces = list(_pieces(answer.content))
    out, error = (b"".join(piece for stream, piece in pieces if stream == one) for one in (_OUT, _ERROR))
    return out, error


def stored_change(engine: Engine, identity: str) -> str:
    """Make what a container changed an image, and return its ID; it is the caller's to remove.

    Raises:
        TransportError: `engine-unreachable`, or `engine-refused` with what it said.
    """
    answer = engine.ask("POST", f"/commit?container={identity}&pause=0")
    image = answer.told.get("Id")
    if not answer.is_success or not isinstance(image, str):
        raise engine.refused(str(answer.told.get("message") or f"HTTP {answer.status}"))
    return image


def removed_image(engine: Engine, identity: str) -> None:
    """Remove an image that has no name; one that somebody else uses stays.

    Raises:
        TransportError: `engine-unreachable`, or `engine-refused` with what it said.
    """
    answer = engine.ask("DELETE", f"/images/{identity}?noprune=1")
    if not answer.is_success and answer.status not in _GONE:
        raise engine.refused(str(answer.told.get("message") or f"HTTP {answer.status}"))


def _remove(engine: Engine, identity: str) -> None:
    answer = engine.ask("DELETE", f"/containers/{identity}?force=1&v=1")
    if not answer.is_success and answer.status not in _GONE:
        raise engine.refused(str(answer.told.get("message") or f"HTTP {answer.status}"))


def _code(state: State) -> int | None:
    code = state.get("ExitCode")
    return code if isinstance(code, int) else None


def _pieces(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the stream and the bytes of each piece; of the eight bytes before one, the last four are its length."""
    at = 0
    while at + 8 <= len(content):
        stream, length = content[at], int.from_bytes(content[at + 4 : at + 8])
        yield stream, content[at + 8 : at + 8 + length]
        at += 8 + length
