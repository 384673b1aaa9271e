import httpx
import pytest

from rebaser.errors import TransportError
from rebaser.transports.registry.origin import Origin
from rebaser.transports.registry.realm import Trust, realm_url, same_owner
from rebaser.transports.registry.targets import origin_of


def sent_to(realm: str, registry: str, trust: Trust | None = None) -> str:
    here = httpx.URL(f"{registry}/v2/shop/manifests/1")
    return str(realm_url(realm, origin_of(here), here, trust or Trust()))


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("https://registry-1.docker.io", "https://auth.docker.io/token"),
        ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth"),
        ("https://registry.gitlab.example.org", "https://gitlab.example.org/jwt/auth"),
        ("https://registry.example.org", "https://auth.example.org/token?x=y"),
        ("https://ghcr.io", "https://ghcr.io/token"),
        ("https://registry.redhat.io", "https://sso.redhat.com/auth"),
        ("https://registry.example.org:5000", "https://registry.example.org:5000/token"),
        ("https://registry.example.org:5000", "https://registry.example.org:5001/token"),
        ("https://10.0.0.7:5000", "https://10.0.0.7:5000/token"),
        ("https://registry:5000", "https://registry:5000/token"),
        ("https://acme.azurecr.io", "https://acme.azurecr.io/oauth2/token"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/token"),
        ("http://registry:5000", "http://registry:5001/token"),
        ("http://registry:5000", "https://registry:5001/token"),
        ("https://Registry.Example.org", "https://REGISTRY.example.ORG/token"),
        ("https://registry.example.org", "https://registry.example.org:443/token"),
    ],
)
def test_tokens_are_asked_for_where_the_same_owner_is(registry: str, realm: str) -> None:
    assert sent_to(realm, registry).lower().startswith(str(httpx.URL(realm)).lower())


@pytest.mark.parametrize("realm", ["https://", "https:///token", "\\\\evil.com/token", "token"])
def test_a_realm_that_names_no_host_leads_nowhere_else(realm: str) -> None:
    assert sent_to(realm, "https://registry.test").startswith("https://registry.test/")


def test_a_relative_realm_is_the_registry_s_own() -> None:
    assert sent_to("/token?a=b", "https://registry.test") == "https://registry.test/token?a=b"


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("https://registry.test", realm)
        for realm in (
            "https://evil.test/token",
            "https://registry.test.evil.com/token",
            "http://registry.test/token",
            "http://auth.registry.test/token",
            "https://127.0.0.1/token",
            "https://10.1.2.3/token",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/token",
            "https://[::ffff:169.254.169.254]/token",
            "https://0.0.0.0/token",
            "https://2130706433/token",
            "https://0177.0.0.1/token",
            "https://0x7f.1/token",
            "https://registry.test@evil.com/token",
            "https://user:pass@auth.registry.test/token",
            "https://registry.test./token",
            "https://auth.registry.test./token",
            "file:///etc/passwd",
            "gopher://registry.test/token",
            "//evil.com/token",
            "javascript:alert(1)",
            "https://xn--/token",
            "https://régistry.test/token",
            "https://" + "a" * 300 + ".registry.test/token",
            "https://auth.registry.test/" + "a" * 3000,
            "https://auth.registry.test:99999/token",
            "https://localhost/token",
        )
    ]
    + [
        ("https://acme.azurecr.io", "https://other.azurecr.io/oauth2/token"),
        ("https://1.dkr.ecr.eu-west-1.amazonaws.com", "https://evil.s3.amazonaws.com/token"),
        ("https://acme.github.io", "https://evil.github.io/token"),
        ("https://registry.example.co.uk", "https://evil.co.uk/token"),
        ("https://registry.example.com.au", "https://evil.com.au/token"),
        ("https://10.0.0.7", "https://10.1.0.7/token"),
        ("https://registry", "https://auth/token"),
        ("https://registry-1.docker.io", "https://auth.docker.io.evil.com/token"),
        ("http://registry:5000", "http://auth:5000/token"),
        ("https://ghcr.io", "https://auth.docker.io/token"),
    ],
)
def test_a_registry_cannot_send_our_password_to_somebody_else(registry: str, realm: str) -> None:
    with pytest.raises(TransportError) as refusal:
        sent_to(realm, registry)
    assert refusal.value.code == "token-realm-refused"
    assert len(refusal.value.message) < 600


def test_the_refusal_names_the_input_and_hides_the_query() -> None:
    with pytest.raises(TransportError) as refusal:
        sent_to("https://evil.test/token?secret=canary", "https://registry.test")
    assert "evil.test" in refusal.value.message
    assert "registry-auth" in refusal.value.remedy
    assert "canary" not in refusal.value.message


def test_a_server_that_registry_auth_names_is_trusted() -> None:
    trust = Trust(vouched=frozenset({"login.other.test"}))
    assert sent_to("https://login.other.test/token", "https://registry.test", trust)


def test_a_clear_token_server_of_a_clear_registry_is_trusted_when_named() -> None:
    both = Trust(frozenset({"auth:5001"}), frozenset({"registry:5000", "auth:5001"}))
    assert sent_to("http://auth:5001/token", "http://registry:5000", both)
    with pytest.raises(TransportError) as refusal:
        sent_to("http://auth:5001/token", "http://registry:5000")
    assert "insecure-registries" in refusal.value.remedy


def test_a_trusted_server_is_still_not_spoken_to_in_clear() -> None:
    with pytest.raises(TransportError):
        sent_to("http://auth.other.test/token", "https://registry.test", Trust(frozenset({"auth.other.test"})))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.example.org", "example.org", True),
        ("a.b.example.org", "c.example.org", True),
        ("example.org", "example.com", False),
        ("a.gitlab.io", "b.gitlab.io", False),
        ("a.gitlab.io", "a.gitlab.io", True),
        ("a.co.uk", "b.co.uk", False),
        ("x.a.co.uk", "y.a.co.uk", False),
        ("host", "host", True),
        ("10.0.0.1", "11.0.0.1", False),
    ],
)
def test_who_owns_a_host(one: str, other: str, same: bool) -> None:
    assert same_owner(one, other) is same


def test_an_origin_is_written_as_people_write_it() -> None:
    assert str(Origin("https", "ghcr.io", 443)) == "https://ghcr.io"
    assert str(Origin("http", "::1", 5000)) == "http://[::1]:5000"
    assert Origin("http", "localhost", 5000).authority == "localhost:5000"
