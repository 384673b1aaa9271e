"""Does a thing once for each key, however many threads want it."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar, cast

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Once:
    """What was done so far. Whoever asks first does it, in his own thread; the others wait for what came of it."""

    _done: dict[Hashable, Future[object]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def answer(self, key: Hashable, work: Callable[[], Answer]) -> Answer:
        """Return what `work` returns for `key`, or raise what it raises."""
        with self._lock:
            known = self._done.get(key)
            future = known or Future[object]()
            self._done[key] = future
        if known is None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  whoever waits for it gets it
                future.set_exception(error)
        return cast("Answer", future.result())

    def forget(self, key: Hashable) -> None:
        """Let the next who asks for `key` do it again."""
        with self._lock:
            self._done.pop(key, None)
