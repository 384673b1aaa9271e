"""Uploads that a registry has opened for us: for a blob that it would not mount, or ahead of one not known yet."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

import httpx

from rebaser.errors import RebaserError
from rebaser.oci.digest import Digest
from rebaser.once import Once


@dataclass(frozen=True, slots=True)
class Session:
    """An upload that is open: where its bytes go, and in pieces of how many bytes the registry wants them at least."""

    url: httpx.URL
    chunk: int


@dataclass(slots=True)
class Sessions:
    """The open uploads of one repository that nothing was sent to yet. Callable from several threads."""

    _offered: dict[Digest, Session] = field(default_factory=dict)
    _expected: deque[Once] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    def offer(self, digest: Digest, session: Session) -> None:
        """Keep an upload that was opened for the blob `digest`."""
        with self._lock:
            self._offered[digest] = session

    def expect(self, opened: Callable[[], Session]) -> Callable[[], None]:
        """Have an upload ready for whichever blob comes first; return what opens it, to be run in any thread.

        If the blob comes before that was run, it opens the upload itself; failing costs nothing.
        """
        once = Once()
        with self._lock:
            self._expected.append(once)
        return partial(_opened, once, opened)

    def take(self, digest: Digest, opened: Callable[[], Session]) -> Session:
        """Return an upload for the blob `digest`, which is then in use; the last resort is to be `opened` now."""
        with self._lock:
            offered = self._offered.pop(digest, None)
            expected = self._expected.popleft() if self._expected and offered is None else None
        if offered is not None:
            return offered
        if expected is not None:
            with suppress(RebaserError):
                return expected.answer("session", opened)
        return opened()

    def leave(self) -> Iterator[Session]:
        """Yield all that are open and not in use, and forget them; what was not opened yet will not be."""
        with self._lock:
            left, expected = list(self._offered.values()), list(self._expected)
            self._offered.clear()
            self._expected.clear()
        yield from left
        for once in expected:
            with suppress(RebaserError):
                yield from filter(None, [once.answer("session", _nothing)])


def _opened(once: Once, opened: Callable[[], Session]) -> None:
    with suppress(RebaserError):  # whoever takes it tries again
        once.answer("session", opened)


def _nothing() -> Session | None:
    return None
