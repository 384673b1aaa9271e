import httpx
import pytest

from rebaser.transports.registry.origin import is_loopback, is_plain_host, is_private
from rebaser.transports.registry.targets import origin_of, refused_target, resolved

REGISTRY = "https://registry.test"


def refused(target: str, registry: str = REGISTRY, trusted: frozenset[str] = frozenset()) -> str | None:
    return refused_target(origin_of(httpx.URL(registry)), httpx.URL(target), trusted)


@pytest.mark.parametrize(
    "target",
    [
        "https://registry.test/x",
        "https://REGISTRY.test:443/x",
        "https://cdn.test/x",
        "https://registry.test:8443/x",
        "https://storage.googleapis.com/x?sig=1",
        "https://8.8.8.8/x",
    ],
)
def test_a_public_registry_may_send_us_to_public_places(target: str) -> None:
    assert refused(target) is None


@pytest.mark.parametrize(
    "target",
    [
        "http://cdn.test/x",
        "http://registry.test:5000/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://10.0.0.1/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/x",
        "https://[fd00::1]/x",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://224.0.0.1/x",
        "https://localhost/x",
        "https://metadata.google.internal/x",
        "https://printer.local/x",
        "https://intranet/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://127.1/x",
        "https://cdn.test./x",
        "https://user@cdn.test/x",
        "ftp://cdn.test/x",
        "file:///etc/passwd",
    ],
)
def test_a_public_registry_may_not_send_us_inside(target: str) -> None:
    assert refused(target)


def test_a_private_registry_may_send_us_to_its_private_storage() -> None:
    assert refused("https://10.0.0.9:9000/x", "https://10.0.0.7:5000") is None
    assert refused("http://10.0.0.9:9000/x", "http://10.0.0.7:5000") is None
    assert refused("http://10.0.0.9:9000/x", "https://10.0.0.7:5000") == "it is not encrypted"


def test_a_host_that_the_user_named_as_insecure_is_followed() -> None:
    trusted = frozenset({"minio.corp:9000"})
    assert refused("http://minio.corp:9000/x", trusted=trusted) is None
    assert refused("http://user@minio.corp:9000/x", trusted=trusted)


@pytest.mark.parametrize(
    ("location", "meant"),
    [
        ("/v2/x?a=b%2Fc", "https://registry.test/v2/x?a=b%2Fc"),
        ("next?a=1&b=", "https://registry.test/v2/shop/next?a=1&b="),
        ("?only=query", "https://registry.test/v2/shop/here?only=query"),
        ("//cdn.test/x", "https://cdn.test/x"),
        ("http://registry.test/x", "https://registry.test/x"),
        ("http://registry.test:80/x", "https://registry.test/x"),
        ("http://registry.test:5000/x", "http://registry.test:5000/x"),
        ("http://cdn.test/x", "http://cdn.test/x"),
    ],
)
def test_a_location_is_meant_from_where_it_was_said(location: str, meant: str) -> None:
    assert str(resolved(httpx.URL(f"{REGISTRY}/v2/shop/here"), location)) == meant


def test_a_registry_behind_a_proxy_that_calls_itself_http_is_still_spoken_to_encrypted() -> None:
    here = httpx.URL("https://registry.test:8443/v2/")
    assert str(resolved(here, "http://registry.test:8443/x")) == "https://registry.test:8443/x"
    assert str(resolved(here, "http://registry.test/x")) == "https://registry.test:8443/x"


@pytest.mark.parametrize(
    "location",
    ["https://[::1", "https://a:b:c/", "http://\x00/", "https://x:99999/", "https://0177.0.0.1/x", "/" * 40_000],
)
def test_a_location_that_is_no_url_is_told(location: str) -> None:
    with pytest.raises(ValueError, match="not a URL"):
        resolved(httpx.URL(REGISTRY), location)


def test_which_hosts_are_this_machine() -> None:
    assert all(map(is_loopback, ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "registry.localhost"]))
    assert not any(map(is_loopback, ["10.0.0.1", "registry", "localhost.evil.test"]))


def test_which_hosts_are_plain() -> None:
    assert all(map(is_plain_host, ["a.b", "a-b.c", "10.0.0.1", "[::1]", "::1", "xn--bcher-kva.example", "a_b.test"]))
    assert not any(
        map(
            is_plain_host,
            ["", "a.", ".a", "10.1", "0177.0.0.1", "1", "0x1", "a.0x7f", "é.test", "a b", "::ffff:1.2.3.4"],
        )
    )


def test_which_hosts_are_private() -> None:
    assert all(map(is_private, ["10.0.0.1", "registry", "a.internal", "localhost"]))
    assert not any(map(is_private, ["ghcr.io", "8.8.8.8"]))
