"""`python -m bench.proxy`: a TLS front for a registry that adds round trips and logs every request.

A request is answered one round trip late; a new connection takes two more for its handshakes, beginning when it is
opened, so that one opened ahead of use costs nothing. Neither bandwidth nor slow start is modelled.
"""

import argparse
import http.client
import json
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Lock
from typing import IO, Any

from tests.fakes.served import body_of

_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Front(ThreadingHTTPServer):
    """The server; one thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: str, backend: str, rtt: float, certificate: str, log: IO[str]) -> None:
        host, _, port = address.rpartition(":")
        super().__init__((host, int(port)), Relay)
        self.backend, self.rtt, self.log = backend, rtt, log
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.numbers, self.lock = count(1), Lock()

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as socketserver has it
        """Shake hands, two round trips late, and then answer what comes."""
        opened = time.monotonic()
        time.sleep(2 * self.rtt)
        with self.lock:
            number = next(self.numbers)
        encrypted = self.context.wrap_socket(request, server_side=True)
        encrypted.connection_number, encrypted.opened = number, opened  # type: ignore[attr-defined]
        Relay(encrypted, client_address, self)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Say nothing: a client that goes away is no news."""

    def tell(self, row: dict[str, object]) -> None:
        """Log a request."""
        with self.lock:
            self.log.write(json.dumps(row) + "\n")
            self.log.flush()


class Relay(BaseHTTPRequestHandler):
    """One connection: each request goes on to the registry, its answer comes back late."""

    protocol_version = "HTTP/1.1"
    server: Front
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        """Open a connection of its own to the registry."""
        super().setup()
        self.backend = http.client.HTTPConnection(self.server.backend)

    def relay(self) -> None:
        """Answer one request."""
        began = time.monotonic()
        body = body_of(self)
        answer = self._asked(body)
        content = answer.read()
        time.sleep(self.server.rtt)
        self._send(answer, content)
        sent: Any = self.connection
        self.server.tell(
            {
                "connection": sent.connection_number,
                "opened": sent.opened,
                "began": began,
                "ended": time.monotonic(),
                "method": self.command,
                "path": self.path,
                "status": answer.status,
                "up": len(body),
                "down": len(content),
            }
        )

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = relay  # noqa: N815  http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Say nothing."""

    def _asked(self, body: bytes) -> http.client.HTTPResponse:
        self.backend.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _HOP:
                self.backend.putheader(name, value)
        self.backend.putheader("X-Forwarded-Proto", "https")
        self.backend.putheader("Content-Length", str(len(body)))
        self.backend.endheaders(body or None)
        return self.backend.getresponse()

    def _send(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    """Serve until the process is ended; the first line of output is the address."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--address", "--backend", "--certificate", "--log"):
        parser.add_argument(name, required=True)
    parser.add_argument("--rtt", type=float, required=True, help="seconds")
    told = parser.parse_args()
    with Path(told.log).open("a", encoding="utf-8") as log:
        front = Front(told.address, told.backend, told.rtt, told.certificate, log)
        sys.stdout.write(f"{told.address.rpartition(':')[0]}:{front.server_address[1]}\n")
        sys.stdout.flush()
        front.serve_forever(poll_interval=0.5)


if __name__ == "__main__":
    main()
