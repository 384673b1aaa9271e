"""Connections to one kind of origin, kept and used again; new ones are taken from those that were opened early."""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from select import select
from typing import Any

import httpcore
import httpx

from rebaser.transports.registry.early import Early


class Pooled(httpx.BaseTransport):
    """Carries httpx' requests over a pool of httpcore's."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, its body still to be read.

        Raises:
            httpx.TransportError: no answer.
        """
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        stream: Any = request.stream
        asked = httpcore.Request(
            request.method, target, headers=request.headers.raw, content=stream, extensions=request.extensions
        )
        try:
            answer = self._pool.handle_request(asked)
        except _ERRORS as error:
            raise _told(error) from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:  # noqa: ANN401  httpcore's type says that it may be asynchronous
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except _ERRORS as error:
            raise _told(error) from error

    def close(self) -> None:
        self._stream.close()


_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


def _told(error: Exception) -> httpx.TransportError:
    """Return httpx' error of the same name."""
    kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
    return kind(str(error))


class Eager(httpcore.NetworkBackend):
    """Opens connections, or takes one that stands open already."""

    def __init__(self, early: Early) -> None:
        self._early = early
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection."""
        ready = self._early.take(host, port)
        if ready is not None:
            return _Ready(ready)
        return self._inner.connect_tcp(host, port, timeout, local_address, socket_options)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class _Ready(httpcore.NetworkStream):
    """A connection that stands, its handshake made if there is one to make."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(timeout)
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        if isinstance(self._socket, ssl.SSLSocket):
            return self
        try:
            self._socket.settimeout(timeout)
            return _Ready(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  as httpcore has it
        found: dict[str, Any] = {
            "ssl_object": self._socket if isinstance(self._socket, ssl.SSLSocket) else None,
            "socket": self._socket,
            "is_readable": info == "is_readable" and bool(select([self._socket], [], [], 0)[0]),
        }
        return found.get(info)
