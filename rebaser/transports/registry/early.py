"""Connections that are opened before they are needed: handshakes go on while the program still imports its own code.

Nothing is sent on them, and whatever goes wrong here goes wrong again, and is told, where the connection is needed.
Importing this costs little, and it must not cost more: no httpx, no pydantic.
"""

import socket
import ssl
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock, Thread

import certifi

from rebaser.errors import TransportError
from rebaser.once import Once
from rebaser.transports.registry.network import Network, goes_direct
from rebaser.transports.registry.origin import Origin

FRESH = 5.0  # seconds that a server surely keeps a connection on which nothing was sent
_ALPN = ["http/1.1"]

Opened = Future[tuple[socket.socket, float]]


@dataclass(slots=True)
class Early:
    """Sockets by origin, each given out once. Callable from several threads; to be closed at the end."""

    network: Network
    _opened: dict[tuple[str, int], deque[Opened]] = field(default_factory=dict)
    _tls: Once = field(default_factory=Once)
    _lock: Lock = field(default_factory=Lock)

    def open(self, origin: Origin, count: int) -> None:
        """Begin to open `count` connections, unless a proxy stands between."""
        proxy = {"http": self.network.proxies.http, "https": self.network.proxies.https}.get(origin.scheme)
        if proxy and not goes_direct(origin.host, origin.port, self.network.proxies.direct):
            return
        for _ in range(count):
            future: Opened = Future()
            with self._lock:
                self._opened.setdefault((origin.host, origin.port), deque()).append(future)
            Thread(target=self._connect, args=(origin, future), daemon=True).start()

    def take(self, host: str, port: int) -> socket.socket | None:
        """Return a connection, encrypted where its origin is; None when there is none that can still be used."""
        while True:
            with self._lock:
                waiting = self._opened.get((host, port))
                future = waiting.popleft() if waiting else None
            if future is None:
                return None
            if future.exception() is None:
                opened, since = future.result()
                if time.monotonic() - since < FRESH:
                    return opened
                opened.close()

    def context(self) -> ssl.SSLContext:
        """Return what decides on certificates, one for all; made when it is first needed, since that takes a while.

        Raises:
            TransportError: `certificate-untrusted`, when the file of SSL_CERT_FILE holds no certificates.
        """
        return self._tls.answer("context", lambda: tls_context(self.network.ca_file))

    def close(self) -> None:
        """Close what nobody took."""
        with self._lock:
            left = [future for waiting in self._opened.values() for future in waiting]
            self._opened.clear()
        for future in left:
            future.add_done_callback(_close)

    def _connect(self, origin: Origin, future: Opened) -> None:
        try:
            plain = socket.create_connection((origin.host, origin.port), self.network.connect_timeout)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            encrypted = origin.scheme == "https"
            opened = self.context().wrap_socket(plain, server_hostname=origin.host) if encrypted else plain
            future.set_result((opened, time.monotonic()))
        except (OSError, ValueError, TransportError) as error:
            future.set_exception(error)


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return what decides on certificates: the usual authorities, and those of `ca_file` beside them.

    Raises:
        TransportError: `certificate-untrusted`, when the file holds no certificates.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(_ALPN)
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
    except (OSError, ValueError, ssl.SSLError) as error:
        raise TransportError(
            "certificate-untrusted",
            f"No certificates can be read from {ca_file}: {type(error).__name__}",
            "Let SSL_CERT_FILE name a file of PEM certificates.",
        ) from error
    return context


def _close(future: Opened) -> None:
    if future.exception() is None:
        future.result()[0].close()
