"""The lowest layer: which way a request goes, what it weighs, and that no answer trickles for ever."""

import logging
import ssl
from collections.abc import Iterator
from threading import Lock

import httpcore
import httpx

from rebaser.transports.registry.early import Early
from rebaser.transports.registry.network import Network, goes_direct
from rebaser.transports.registry.origin import Origin
from rebaser.transports.registry.pool import Eager, Pooled
from rebaser.transports.registry.retry import Timing
from rebaser.transports.registry.targets import origin_of
from rebaser.transports.traffic import Traffic

for _name in ("httpx", "httpcore"):  # what they log are signed addresses, and at DEBUG authorizations
    logging.getLogger(_name).setLevel(logging.WARNING)

MAX_CONNECTIONS = 16  # to one origin; more do not help
KEPT = 5.0  # seconds that a connection is kept on which nothing happens
SLOWEST = 1024  # bytes a second, over a window; slower answers are given up
WINDOW = 60.0  # seconds of waiting for bytes


class Routed(httpx.BaseTransport):
    """Sends each request directly or through the proxy that its scheme and host want."""

    def __init__(self, network: Network, early: Early) -> None:
        self._proxies = network.proxies
        self._early = early
        self._pools: dict[tuple[str, str | None], httpx.BaseTransport] = {}
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer of whatever the way leads to.

        Raises:
            httpx.TransportError: no answer.
        """
        return self._pool(origin_of(request.url)).handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.close()

    def _pool(self, origin: Origin) -> httpx.BaseTransport:
        proxy = {"http": self._proxies.http, "https": self._proxies.https}.get(origin.scheme)
        if goes_direct(origin.host, origin.port, self._proxies.direct):
            proxy = None
        with self._lock:
            if (origin.scheme, proxy) not in self._pools:
                self._pools[origin.scheme, proxy] = self._new_pool(origin.scheme, proxy)
            return self._pools[origin.scheme, proxy]

    def _new_pool(self, scheme: str, proxy: str | None) -> httpx.BaseTransport:
        encrypted = "https" in (scheme, (proxy or "").partition(":")[0])
        context = self._early.context() if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which trusts nobody
        if proxy is not None:
            limits = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
            return httpx.HTTPTransport(verify=context, proxy=proxy, limits=limits, trust_env=False)
        pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEPT,
            network_backend=Eager(self._early),
        )
        return Pooled(pool)


class Counted(httpx.BaseTransport):
    """Counts every request and byte, and gives up on an answer that comes too slowly to be meant."""

    def __init__(self, inner: httpx.BaseTransport, traffic: Traffic, timing: Timing) -> None:
        self._inner = inner
        self._traffic = traffic
        self._timing = timing

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the wrapped transport's answer, counted.

        Raises:
            httpx.TransportError: no answer.
        """
        length = request.headers.get("content-length", "0")
        self._traffic.count(requests=1, up=int(length) if length.isdigit() else 0)
        response = self._inner.handle_request(request)
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Watched(response.stream, self._traffic, self._timing)
        return response

    def close(self) -> None:
        """Close the wrapped transport."""
        self._inner.close()


class _Watched(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, traffic: Traffic, timing: Timing) -> None:
        self._inner = inner
        self._traffic = traffic
        self._monotonic = timing.monotonic

    def __iter__(self) -> Iterator[bytes]:
        waited, came, before = 0.0, 0, self._monotonic()
        for chunk in self._inner:
            waited += self._monotonic() - before
            came += len(chunk)
            self._traffic.count(down=len(chunk))
            if waited > WINDOW:
                if came < SLOWEST * waited:
                    raise httpx.ReadTimeout(f"{came} bytes in {waited:.0f} seconds")
                waited, came = 0.0, 0
            yield chunk
            before = self._monotonic()

    def close(self) -> None:
        self._inner.close()
