"""Shows what a run is busy with, once that takes longer than a second: on one line of a terminal, or as lines."""

from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Self, TextIO

from rebaser.printable import size

PATIENCE = 1.0  # seconds before anything is shown
_EVERY = {True: 0.5, False: 15.0}  # seconds between signs of life, on a terminal and in a log
_DOING = {
    "read": "reading the image",
    "plan": "reading the bases",
    "look": "looking into layers",
    "check": "checking",
    "build": "building from source",
    "write": "writing layers and manifests",
    "try": "trying the result",
}


class Progress:
    """Told of stages by `stage`; `traffic` is asked for bytes down and up. Use it as a context manager."""

    def __init__(self, stream: TextIO, traffic: Callable[[], tuple[int, int]]) -> None:
        self._stream = stream
        self._traffic = traffic
        self._terminal = stream.isatty()
        self._doing = ""
        self._shown = False
        self._lock = Lock()
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._shown and self._terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def stage(self, name: str) -> None:
        """Say that the stage `name` begins."""
        with self._lock:
            self._doing = _DOING.get(name, name)

    def tell(self, line: str) -> None:
        """Show a line of something that goes on, such as a build; on a terminal it stays above what is being done."""
        with self._lock:
            self._stream.write(f"\r\x1b[K  | {line}\n" if self._shown and self._terminal else f"  | {line}\n")
            self._stream.flush()

    def _watch(self) -> None:
        wait = PATIENCE
        while not self._over.wait(wait):
            self._show()
            wait = _EVERY[self._terminal]

    def _show(self) -> None:
        with self._lock:
            doing = self._doing
        down, up = self._traffic()
        line = f"{doing} … {size(down)} down, {size(up)} up"
        with self._lock:
            self._stream.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
            self._stream.flush()
            self._shown = True
