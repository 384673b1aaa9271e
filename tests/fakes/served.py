"""Puts a fake registry on a real loopback socket, for the few tests and benches where a socket matters."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

from tests.fakes.registry import FakeRegistry
from tests.fakes.wire import Asked, Reset, Told


@contextmanager
def serve(fake: FakeRegistry, latency: float = 0.0) -> Iterator[str]:
    """Serve `fake` over plain HTTP until the context ends; the value is its `127.0.0.1:PORT`.

    The registry takes that host as its own, and its token server answers at `/token` there.
    """
    server = _Server(("127.0.0.1", 0), _Connection)
    server.fake, server.latency = fake, latency
    host = f"127.0.0.1:{server.server_address[1]}"
    fake.wire.sites[host] = fake.handle
    fake.host, fake.scheme = host, "http"
    fake.tokens.registry, fake.tokens.scheme, fake.tokens.host = host, "http", host
    fake.tokens.realm = f"http://{host}/token"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def body_of(handler: BaseHTTPRequestHandler) -> bytes:
    """Return the body of the request that `handler` has read the head of, whole or in chunks."""
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    content = b""
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        content += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return content


class _Server(ThreadingHTTPServer):
    fake: FakeRegistry
    latency: float
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: broken connections are what the tests are about."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Say nothing."""

    def _answer(self) -> None:
        url = httpx.URL(f"http://{self.headers['Host']}{self.path}")
        asked = Asked(self.command, url, httpx.Headers(self.headers.items()), body_of(self))
        if self.server.latency:
            time.sleep(self.server.latency)
        try:
            self._send(self.server.fake.wire.carry(asked))
        except Reset:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(2)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815  http.server's names

    def _send(self, told: Told) -> None:
        self.send_response(told.status)
        named = {name.lower() for name, _ in told.headers}
        for name, value in told.headers:
            self.send_header(name, value)
        if "content-length" not in named and isinstance(told.body, bytes):
            self.send_header("Content-Length", str(len(told.body)))
        elif "content-length" not in named:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            for part in [told.body] if isinstance(told.body, bytes) else told.body:
                self.wfile.write(part)
