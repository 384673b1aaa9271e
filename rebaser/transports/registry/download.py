"""Reads a blob over connections that break: goes on where it stopped, or reads again from the start and skips.

Whatever the server does, the bytes that come out are one reading from first to last; their digest is checked outside.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx

from rebaser.transports.registry.responses import Errand, unreachable
from rebaser.transports.registry.retry import TRIES, Timing, backoff

Open = Callable[[int], AbstractContextManager[httpx.Response]]
"""Opens the blob, asking for the bytes from a position on."""

_PARTIAL = 206
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)", re.IGNORECASE)


def resumed(first: httpx.Response, reopen: Open, errand: Errand, timing: Timing) -> Iterator[bytes]:
    """Yield the bytes of `first`, and after a break those of what `reopen` gives, each byte once.

    Raises:
        TransportError: it broke too often without a byte in between, or could not be opened again.
    """
    position, failures = 0, 0
    try:
        for chunk in first.iter_raw():
            position += len(chunk)
            yield chunk
    except httpx.TransportError as error:
        failure = error
    else:
        return
    while failures < TRIES - 1:
        failures += 1
        timing.sleep(backoff(failures, timing))
        with reopen(position) as response:
            try:
                for chunk in _from(response, position):
                    position, failures = position + len(chunk), 0
                    yield chunk
            except httpx.TransportError as error:
                failure = error
            else:
                return
    raise unreachable(failure, errand, first.url.netloc.decode()) from failure


def _from(response: httpx.Response, position: int) -> Iterator[bytes]:
    """Yield what is new in `response`; an answer that does not begin at `position` is taken to begin at 0."""
    skip = 0 if _begins_at(response) == position else position
    for chunk in response.iter_raw():
        if skip < len(chunk):
            yield chunk[skip:] if skip else chunk
        skip = max(0, skip - len(chunk))


def _begins_at(response: httpx.Response) -> int:
    if response.status_code != _PARTIAL:
        return 0
    match = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
    return int(match[1]) if match else -1
