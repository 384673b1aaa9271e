"""Connections opened before they are needed."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpcore
import httpx
import pytest

from rebaser.transports.registry.early import Early
from rebaser.transports.registry.network import Network, Proxies
from rebaser.transports.registry.origin import Origin
from rebaser.transports.registry.pool import Eager
from rebaser.transports.registry.transports import RegistryTransports
from rebaser.transports.traffic import Traffic
from tests.fakes.registry import FakeRegistry
from tests.fakes.served import serve
from tests.images.machine import in_ci
from tests.transports.registry.places import repository


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def origin(server: socket.socket, scheme: str = "http") -> Origin:
    host, port = server.getsockname()
    return Origin(scheme, host, port)


def test_each_connection_is_given_out_once(server: socket.socket) -> None:
    early, there = Early(Network()), origin(server)
    early.open(there, 2)
    taken = [early.take(there.host, there.port) for _ in range(3)]
    assert [one is not None for one in taken] == [True, True, False]
    for one in taken:
        if one:
            one.close()


def test_what_nobody_took_is_closed(server: socket.socket) -> None:
    early = Early(Network())
    early.open(origin(server), 1)
    accepted, _ = server.accept()
    early.close()
    accepted.settimeout(5)
    assert accepted.recv(1) == b""
    accepted.close()


def test_an_old_connection_may_be_closed_by_the_server_and_is_not_used(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, there = Early(Network()), origin(server)
    early.open(there, 1)
    server.accept()[0].close()
    monkeypatch.setattr("rebaser.transports.registry.early.FRESH", -1.0)
    assert early.take(there.host, there.port) is None


def test_nothing_is_opened_past_a_proxy() -> None:
    early = Early(Network(proxies=Proxies(https="http://proxy.test:3128")))
    early.open(Origin("https", "registry.test", 443), 3)
    assert early.take("registry.test", 443) is None


def test_a_host_that_cannot_be_reached_is_nobody_s_problem_yet() -> None:
    early = Early(Network())
    early.open(Origin("http", "127.0.0.1", 1), 1)
    assert early.take("127.0.0.1", 1) is None


def test_requests_go_over_what_stands_open() -> None:
    with serve(FakeRegistry()) as host:
        name, _, port = host.partition(":")
        early = Early(Network())
        early.open(Origin("http", name, int(port)), 1)
        with RegistryTransports(Network(), Traffic(), early=early) as transports:
            assert transports.open(repository("shop", host)).resolve("absent") is None
            assert early.take(name, int(port)) is None


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        (pytest.fail if in_ci() else pytest.skip)("needs openssl, which makes a certificate")
    command = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    )
    names = ("-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem"))
    subprocess.run((*command, *names, *files), check=True, capture_output=True)
    return tmp_path


def greet(server: socket.socket, directory: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")

    def answer() -> None:
        accepted, _ = server.accept()
        try:
            with context.wrap_socket(accepted, server_side=True) as encrypted:
                encrypted.recv(65536)
                encrypted.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except OSError:
            accepted.close()

    Thread(target=answer, daemon=True).start()


def test_a_handshake_is_made_once_and_held_against_the_authorities(server: socket.socket, certificate: Path) -> None:
    greet(server, certificate)
    there = origin(server, "https")
    early = Early(Network(ca_file=str(certificate / "cert.pem")))
    early.open(there, 1)
    with httpcore.ConnectionPool(ssl_context=early.context(), network_backend=Eager(early)) as pool:
        assert pool.request("GET", f"https://127.0.0.1:{there.port}/").status == httpx.codes.NO_CONTENT


def test_a_certificate_that_is_not_trusted_is_not_spoken_to(server: socket.socket, certificate: Path) -> None:
    greet(server, certificate)
    there, early = origin(server, "https"), Early(Network())
    early.open(there, 1)
    time.sleep(0.1)
    assert early.take(there.host, there.port) is None
