"""Runs one program to its end, or ends it: bounded in time and output, alone with the environment it is given.

The only module of the rebuild that starts programs. What they print is untrusted: cut, made printable, and freed
of secrets.
"""

import os
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen, TimeoutExpired
from typing import Final

from rebaser.printable import printable

KEPT_LINES: Final = 40  # of a log; the reason of a failure stands at its end
_MAX_LINE = 4096  # bytes
_CHUNK = 64 * 1024  # bytes
_TICK = 0.5  # seconds
_GRACE = 10.0  # seconds that a program has to clean up when it is told to end
_SHORTEST_SECRET = 4  # characters; what is shorter cannot be told from a word

Argv = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended: its exit code, None when it had to be ended, and the last lines of all that it printed."""

    code: int | None
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to know while a program runs. `watch` is called about twice a second, and may raise to end it."""

    tell: Callable[[str], None] = lambda _line: None
    watch: Callable[[], None] = lambda: None
    hidden: tuple[str, ...] = ()


def run(
    argv: Sequence[str],
    environment: Mapping[str, str],
    seconds: float,
    listener: Listener = Listener(),
    cwd: Path | None = None,
) -> Ran:
    """Run a program, and end it with all that it started when `seconds` are over or the listener raises.

    Raises:
        OSError: it cannot be started.
    """
    log: deque[str] = deque(maxlen=KEPT_LINES)
    with Popen(  # noqa: S603  an argument list, no shell
        argv, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=environment, cwd=cwd, start_new_session=True
    ) as process:
        try:
            for line in _lines(process, time.monotonic() + seconds, listener.watch):
                log.append(_shown(line, listener.hidden))
                listener.tell(log[-1])
            code = process.poll()
        finally:
            _end(process)
    return Ran(code, tuple(log))


def hidden_parts(secrets: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of secrets, longest first, which are not to be seen in any output."""
    parts = {line.strip() for secret in secrets for line in secret.splitlines()}
    return tuple(sorted((part for part in parts if len(part) >= _SHORTEST_SECRET), key=len, reverse=True))


def _shown(line: bytes, hidden: tuple[str, ...]) -> str:
    text = line.decode("utf-8", "replace")
    for secret in hidden:
        text = text.replace(secret, "***")
    return printable(text)


def _lines(process: Popen[bytes], deadline: float, watch: Callable[[], None]) -> Iterator[bytes]:
    """Yield lines, cut where they are too long, until the program has ended or the time is over."""
    pending, cut = b"", False
    for chunk in _chunks(process, deadline, watch):
        *whole, pending = (pending + chunk.replace(b"\r", b"\n")).split(b"\n")
        for line in whole:
            if line and not cut:
                yield line[:_MAX_LINE]
            cut = False
        if len(pending) > _MAX_LINE:
            if not cut:
                yield pending[:_MAX_LINE]
            pending, cut = b"", True
    if pending and not cut:
        yield pending


def _chunks(process: Popen[bytes], deadline: float, watch: Callable[[], None]) -> Iterator[bytes]:
    """Yield what is printed. What the program leaves running may keep its output open, so its own end counts."""
    if process.stdout is None:
        return
    descriptor, watched = process.stdout.fileno(), 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while (now := time.monotonic()) < deadline:
            if now - watched > _TICK:
                watch()
                watched = now
            if selector.select(min(_TICK, deadline - now)):
                chunk = os.read(descriptor, _CHUNK)
                if not chunk:
                    break
                yield chunk
            elif process.poll() is not None:
                return
    with suppress(TimeoutExpired):
        process.wait(max(0.0, deadline - time.monotonic()))


def _end(process: Popen[bytes]) -> None:
    """End the program, if it runs, and whatever of its group is left."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(TimeoutExpired):
            process.wait(_GRACE)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
