from pathlib import Path

import httpx
import pytest

from rebaser.errors import ImageError, TransportError
from rebaser.transports.registry.early import Early, tls_context
from rebaser.transports.registry.login import Login
from rebaser.transports.registry.network import Network, Proxies, expected_origin, goes_direct, proxies_from
from rebaser.transports.registry.targets import origin_of
from rebaser.transports.registry.transports import RegistryTransports
from rebaser.transports.registry.wire import Routed
from rebaser.transports.traffic import Traffic
from tests.builders import an_image
from tests.fakes.registry import FakeRegistry
from tests.fakes.wire import Asked, Told, answers
from tests.transports.registry.places import PASSWORD, Here, guarded, logins, repository, with_password

APP = an_image()


@pytest.mark.parametrize(
    ("registry", "origin"),
    [
        ("ghcr.io", "https://ghcr.io"),
        ("docker.io", "https://registry-1.docker.io"),
        ("registry.test:5000", "https://registry.test:5000"),
        ("registry:5000", "https://registry:5000"),
        ("10.0.0.1:5000", "https://10.0.0.1:5000"),
        ("localhost:5000", "http://localhost:5000"),
        ("localhost", "http://localhost"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("[::1]", "http://[::1]"),
        ("localhost:443", "https://localhost"),
        ("insecure.test", "http://insecure.test"),
        ("insecure.test:5000", "http://insecure.test:5000"),
        ("other.test:5000", "http://other.test:5000"),
        ("other.test", "https://other.test"),
    ],
)
def test_only_this_machine_and_named_registries_are_spoken_to_in_clear(registry: str, origin: str) -> None:
    network = Network(insecure_registries=frozenset({"insecure.test", "other.test:5000"}))
    assert str(expected_origin(registry, network)) == origin


@pytest.mark.parametrize(
    "fault",
    [
        answers(400, body=b"Client sent an HTTP request to an HTTPS server.\n"),
        answers(400, body=b"<html>The plain HTTP request was sent to HTTPS port</html>"),
        answers(308, ("Location", "https://localhost:5000/v2/shop/manifests/1")),
    ],
)
def test_an_insecure_registry_that_wants_tls_gets_it(fault: object) -> None:
    here = Here(
        guarded(host="localhost:5000"), Network(credentials=logins(**{"localhost:5000": Login("alice", PASSWORD)}))
    )
    here.fake.tokens.realm = "https://localhost:5000/token"
    here.fake.put_manifest("shop", "1", APP.content, APP.media_type)
    here.fake.wire.faults[0] = fault  # type: ignore[assignment]
    assert here.open().manifest("1").document.digest == APP.digest
    assert here.open().resolve("1") == APP.digest
    assert [asked.url.scheme for asked in here.fake.wire.journal] == ["http", *["https"] * 4]


def test_an_insecure_registry_that_refuses_a_head_in_clear_is_found_out_by_the_get() -> None:
    here = Here(FakeRegistry("localhost:5000"))
    here.fake.put_manifest("shop", "1", APP.content, APP.media_type)
    words = b"Client sent an HTTP request to an HTTPS server.\n"
    here.fake.wire.faults = {0: answers(400), 1: answers(400, body=words)}
    assert here.open().resolve("1") == APP.digest


def test_an_insecure_registry_that_redirects_to_another_host_is_not_taken_to_have_moved() -> None:
    here = Here(FakeRegistry("localhost:5000"))
    here.fake.wire.faults[0] = answers(308, ("Location", "https://evil.test/v2/shop/manifests/1"))
    with pytest.raises(ImageError):
        here.open().manifest("1")
    here.fake.put_manifest("shop", "1", APP.content, APP.media_type)
    here.open().resolve("1")
    assert here.fake.wire.journal[-1].url.scheme == "http"


def test_a_registry_is_never_spoken_to_in_clear_because_tls_failed() -> None:
    here = Here()

    def refuse(_asked: Asked) -> Told:
        raise httpx.ConnectError("refused")

    here.fake.wire.sites["registry.test"] = refuse
    with pytest.raises(TransportError) as failure:
        here.open().resolve("1")
    assert failure.value.code == "registry-unavailable"
    assert {asked.url.scheme for asked in here.fake.wire.journal} == {"https"}


# proxies


def test_proxies_come_from_the_environment_that_is_given() -> None:
    environment = {
        "HTTP_PROXY": "http://proxy:1",
        "https_proxy": "proxy:2",
        "NO_PROXY": "localhost, .corp,10.0.0.0/8,",
    }
    assert proxies_from(environment) == Proxies(
        "http://proxy:1", "http://proxy:2", ("localhost", ".corp", "10.0.0.0/8")
    )
    assert proxies_from({}) == Proxies()
    assert proxies_from({"ALL_PROXY": "http://all"}) == Proxies("http://all", "http://all")
    assert proxies_from({"HTTP_PROXY": "http://x", "REQUEST_METHOD": "GET"}) == Proxies()


@pytest.mark.parametrize(
    ("host", "port", "direct"),
    [
        ("localhost", 80, True),
        ("a.corp", 443, True),
        ("corp", 443, True),
        ("a.b.corp", 443, True),
        ("notcorp", 443, False),
        ("10.1.2.3", 443, True),
        ("11.1.2.3", 443, False),
        ("only.test", 5000, True),
        ("only.test", 443, False),
        ("wild.card.test", 443, True),
        ("::1", 443, True),
        ("ghcr.io", 443, False),
    ],
)
def test_which_hosts_go_direct(host: str, port: int, direct: bool) -> None:
    entries = ("localhost", ".corp", "10.0.0.0/8", "only.test:5000", "*.card.test", "[::1]", "bad/net")
    assert goes_direct(host, port, entries) is direct
    assert goes_direct(host, port, ("*",))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_not_spoken_to_through_a_proxy_that_would_see_the_password(host: str) -> None:
    assert goes_direct(host, 5000, ())


def test_a_proxy_s_password_is_not_shown() -> None:
    network = Network(proxies=Proxies("http://me:secret@proxy", "http://me:secret@proxy"))
    assert "secret" not in f"{network!r}"


def test_each_way_has_its_own_connections() -> None:
    network = Network(proxies=Proxies(https="http://proxy.test:3128", direct=("direct.test",)))
    early = Early(network)
    routed = Routed(network, early)

    def way(url: str) -> object:
        return routed._pool(origin_of(httpx.URL(url)))

    assert way("https://a.test") is way("https://b.test")
    assert way("https://a.test") is not way("https://direct.test")
    assert way("http://a.test") is way("http://direct.test")
    assert early.context() is early.context()
    routed.close()


# certificates


@pytest.mark.parametrize(
    "content", [None, "", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_ca_file_that_cannot_be_used_is_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(TransportError) as failure:
        tls_context(str(path))
    assert failure.value.code == "certificate-untrusted"


# opening


def test_the_same_repository_is_opened_once() -> None:
    with RegistryTransports(Network(), Traffic(), transport=FakeRegistry().wire) as transports:
        assert transports.open(repository("shop")) is transports.open(repository("shop"))
        assert transports.open(repository("shop")) is not transports.open(repository("other"))
        assert transports.open(repository("shop")).repository == repository("shop")


def test_the_libraries_below_log_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    here = Here(guarded(), with_password())
    here.open().resolve("1")
    assert caplog.records == []


def test_opening_contacts_nobody() -> None:
    here = Here()
    here.open()
    assert here.lines == []
