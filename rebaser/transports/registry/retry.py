"""Tries again what may succeed later: lost connections, and answers that say "not now".

Only requests that can be sent twice are, so never one whose body is streamed, and never a chunk of an upload. Every
answer but a blob's is read whole here, up to a limit, so that a connection that breaks in its middle is retried too.
"""

import random
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx

TRIES = 5
BASE_DELAY = 0.5  # seconds; doubled with each try
MAX_DELAY = 30.0  # seconds
YEARS = 100_000_000  # seconds; a longer Retry-After is a date in disguise, as Docker Hub sends it
BUDGET = 120.0  # seconds after which a request is not tried again, whatever it spent them on
MAX_ERROR_BODY = 64 * 1024  # bytes of an answer that is not a success; the rest is dropped
NOT_NOW = frozenset({408, 429, 500, 502, 503, 504})

READ_WHOLE = "rebaser.read_whole"
"""The request extension that says up to how many bytes of a success are read here; one more tells that it was more."""

_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock, sleep and chance, so that tests need none of them."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class Retrying(httpx.BaseTransport):
    """Wraps a transport. What still fails after the last try is let out as it came."""

    def __init__(self, inner: httpx.BaseTransport, timing: Timing) -> None:
        self._inner = inner
        self._timing = timing

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the first answer that is not "not now", or the last one.

        Raises:
            httpx.TransportError: the last try ended without an answer.
        """
        deadline, repeatable = self._timing.monotonic() + BUDGET, isinstance(request.stream, httpx.ByteStream)
        outcome = self._try(request)
        for number in range(1, TRIES):
            left = deadline - self._timing.monotonic()
            if left <= 0 or not repeatable or not _worth_another(request.method, outcome):
                break
            self._timing.sleep(min(self._delay(outcome, number), left))
            outcome = self._try(request)
        if isinstance(outcome, httpx.TransportError):
            raise outcome
        return outcome

    def close(self) -> None:
        """Close the wrapped transport."""
        self._inner.close()

    def _try(self, request: httpx.Request) -> httpx.Response | httpx.TransportError:
        try:
            response = self._inner.handle_request(request)
            limit = request.extensions.get(READ_WHOLE)
            if response.status_code >= 300:  # noqa: PLR2004  not a success
                limit = MAX_ERROR_BODY
            return response if limit is None else held(response, limit)
        except httpx.TransportError as error:
            return error

    def _delay(self, outcome: httpx.Response | httpx.TransportError, number: int) -> float:
        asked = None
        if isinstance(outcome, httpx.Response):
            asked = retry_after(outcome.headers.get("retry-after"), self._timing.now())
        return backoff(number, self._timing) if asked is None else asked


def backoff(number: int, timing: Timing) -> float:
    """Return how long to wait after the `number`-th try: a random part of a span that doubles each time."""
    return timing.chance() * min(MAX_DELAY, BASE_DELAY * 2.0 ** (number - 1))


def retry_after(value: str | None, now: float) -> float | None:
    """Return how many seconds `Retry-After` asks for; it may be seconds, an HTTP date, or (wrongly) an epoch time."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 16:  # noqa: PLR2004  what a float holds exactly
        seconds = float(text)
        return max(0.0, seconds - now) if seconds > YEARS else seconds
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)


def is_certificate_error(error: BaseException | None) -> bool:
    """Answer whether a connection failed because the server's certificate is not to be trusted."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def speaks_clear(error: BaseException | None) -> bool:
    """Answer whether a TLS handshake failed because the server speaks plain HTTP."""
    reasons = [str(cause) for cause in _causes(error) if isinstance(cause, ssl.SSLError)]
    return any("WRONG_VERSION_NUMBER" in reason or "wrong version number" in reason for reason in reasons)


def held(response: httpx.Response, limit: int) -> httpx.Response:
    """Return `response` with its raw body read, at most one byte more than `limit` of it, and the connection free."""
    content = bytearray()
    try:
        for chunk in _raw(response):
            content += chunk
            if len(content) > limit:
                break
    finally:
        response.close()
    body = _Held(bytes(content[: limit + 1]))
    return httpx.Response(response.status_code, headers=response.headers, stream=body, extensions=response.extensions)


def held_body(response: httpx.Response) -> bytes:
    """Return the raw body of a response that was read whole here, as often as one likes."""
    return b"".join(_raw(response))


def _raw(response: httpx.Response) -> Iterable[bytes]:
    return response.stream if isinstance(response.stream, httpx.SyncByteStream) else ()


class _Held(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def _worth_another(method: str, outcome: httpx.Response | httpx.TransportError) -> bool:
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in NOT_NOW and (method != "PATCH" or outcome.status_code == _TOO_MANY)
    hopeless = is_certificate_error(outcome) or speaks_clear(outcome) or isinstance(outcome, httpx.UnsupportedProtocol)
    return method != "PATCH" and not hopeless


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
