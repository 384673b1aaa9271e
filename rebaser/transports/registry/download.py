"""Reads a blob over connections that break: goes on where it stopped, or reads again from the start and skips.

Whatever the server does, the bytes that come out are one reading from first to last; their digest is checked outside.
"""

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

import httpx

from rebaser.transports.registry.responses import Errand, unreachable
from rebaser.transports.registry.retry import Timing, backoff

MAX_BREAKS = 10  # of the connection, for one blob

Open = Callable[[int], AbstractContextManager[httpx.Response]]
"""Opens the blob, from a position on if the server can do that."""

_PARTIAL = 206
_RANGE = re.compile(r"bytes (\d{1,19})-\d{1,19}/(?:\d{1,19}|\*)", re.IGNORECASE)


@dataclass(slots=True)
class Download:
    """One blob on its way."""

    open: Open
    size: int
    errand: Errand
    timing: Timing
    position: int = 0
    breaks: int = 0

    def chunks(self, first: httpx.Response) -> Generator[bytes, None, None]:
        """Yield the bytes of `first`, and after each break those of a new answer, every byte once.

        Raises:
            TransportError: it broke too often, or could not be opened again.
        """
        with ExitStack() as opened:
            response, skip = first, 0
            while True:
                try:
                    yield from self._new(response, skip)
                except httpx.TransportError as error:
                    self._bear(error, response)
                else:
                    return
                if self.position >= self.size:
                    return
                opened.close()
                response, skip = self._again(opened)

    def _new(self, response: httpx.Response, skip: int) -> Iterator[bytes]:
        for chunk in response.iter_raw():
            new = chunk[skip:] if skip else chunk
            skip -= len(chunk) - len(new)
            self.position += len(new)
            if new:
                yield new

    def _bear(self, error: httpx.TransportError, response: httpx.Response) -> None:
        self.breaks += 1
        if self.breaks > MAX_BREAKS:
            raise unreachable(error, self.errand, response.url.netloc.decode()) from error
        self.timing.sleep(backoff(self.breaks, self.timing))

    def _again(self, opened: ExitStack) -> tuple[httpx.Response, int]:
        """Return a new answer, and how many of its first bytes are known already. Never guesses where it begins."""
        response = opened.enter_context(self.open(self.position))
        if response.status_code != _PARTIAL:
            return response, self.position
        if _beginning(response) == self.position:
            return response, 0
        opened.close()
        return opened.enter_context(self.open(0)), self.position


def _beginning(response: httpx.Response) -> int | None:
    match = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
    return int(match[1]) if match else None
