"""Who sees which credential, when tokens are got, and when it ends. Each test audits where secrets were seen."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from rebaser.errors import TransportError
from rebaser.oci.descriptor import descriptor
from rebaser.oci.digest import Digest
from rebaser.transports.registry.login import Login
from rebaser.transports.registry.network import Network
from tests.builders import an_image, content_of
from tests.builders import store as put
from tests.fakes.registry import FakeRegistry, digest_of
from tests.fakes.wire import Asked, Told, answers
from tests.transports.registry.places import IDENTITY, PASSWORD, Here, guarded, logins, repository, with_password

APP = an_image()
TOKEN = "GET https://auth.registry.test/token?service=fake-registry&scope=repository%3Ashop%3A"
PULL_TOKEN, PUSH_TOKEN = TOKEN + "pull", TOKEN + "pull%2Cpush"


@pytest.fixture
def here() -> Iterator[Here]:
    place = Here(guarded(), with_password())
    place.fake.put_manifest("shop", "1", APP.content, APP.media_type)
    yield place
    place.fake.wire.audit()


def code_of(refusal: pytest.ExceptionInfo[TransportError]) -> str:
    return refusal.value.code


def test_a_registry_that_asks_for_a_token_gets_one(here: Here) -> None:
    assert here.open().resolve("1") == APP.digest
    assert here.lines == ["HEAD /v2/shop/manifests/1", PULL_TOKEN, "HEAD /v2/shop/manifests/1"]
    assert "authorization" not in here.fake.wire.journal[0].headers
    assert here.fake.wire.journal[2].headers["authorization"].startswith("Bearer token-canary")


def test_a_token_is_used_again_and_no_challenge_is_waited_for(here: Here) -> None:
    here.open().resolve("1")
    here.fake.wire.forget()
    here.open().resolve("1")
    here.open().manifest("1")
    assert here.lines == ["HEAD /v2/shop/manifests/1", "GET /v2/shop/manifests/1"]


def test_a_second_repository_of_the_registry_needs_no_second_challenge(here: Here) -> None:
    here.open().resolve("1")
    here.fake.wire.forget()
    assert here.open("other").resolve("1") is None
    assert here.lines[0].startswith("GET https://auth.registry.test/token?")
    assert len(here.lines) == 2


def test_a_token_to_push_is_good_for_pulling_as_well(here: Here) -> None:
    here.open().put_blob(descriptor("x", Digest(digest_of(b"blob")), 4), content_of(b"blob"))
    here.fake.wire.forget()
    here.open().resolve("1")
    assert here.lines == ["HEAD /v2/shop/manifests/1"]


def test_all_actions_on_a_repository_are_one_scope(here: Here) -> None:
    here.open().put_blob(descriptor("x", Digest(digest_of(b"blob")), 4), content_of(b"blob"))
    assert [line for line in here.lines if "/token" in line] == [PUSH_TOKEN]


def test_a_mount_asks_for_the_destination_first_and_the_source_beside_it(here: Here) -> None:
    digest = Digest(here.fake.put_blob("base", b"blob"))
    assert here.open().mount_blob(descriptor("x", digest, 4), repository("base"))
    assert [line for line in here.lines if "/token" in line] == [PUSH_TOKEN + "&scope=repository%3Abase%3Apull"]


def test_a_token_for_an_unknown_source_is_replaced_by_one_without_it(here: Here) -> None:
    digest = Digest(here.fake.put_blob("base", b"blob"))
    here.fake.tokens.unknown_repositories.add("base")
    blob = descriptor("x", digest, 4)
    assert not here.open().mount_blob(blob, repository("base"))
    here.open().put_blob(blob, content_of(b"blob"))
    assert here.fake.blob("shop", digest) == b"blob"


@pytest.mark.parametrize("honoured", ["all", "first", "last"])
def test_a_token_server_that_honours_only_one_scope_costs_a_copy_and_no_more(here: Here, honoured: str) -> None:
    digest = Digest(here.fake.put_blob("base", b"blob"))
    here.fake.tokens.honoured = honoured  # type: ignore[assignment]
    blob = descriptor("x", digest, 4)
    assert here.open().mount_blob(blob, repository("base")) is (honoured == "all")
    here.open().put_blob(blob, content_of(b"blob"))
    assert here.fake.blob("shop", digest) == b"blob"


def test_a_token_is_renewed_before_it_runs_out(here: Here) -> None:
    here.open().resolve("1")
    here.clock.elapsed += 0.79 * 300
    here.open().resolve("1")
    here.fake.wire.forget()
    here.clock.elapsed += 0.02 * 300
    here.open().resolve("1")
    assert here.lines == [PULL_TOKEN, "HEAD /v2/shop/manifests/1"]


@pytest.mark.parametrize("expires_in", [None, 0, -5, "soon", [], True, "nan", "1e999", 1e30, "60", {}])
def test_a_life_that_makes_no_sense_is_a_minute_or_an_hour(here: Here, expires_in: object) -> None:
    here.fake.tokens.extra = {"expires_in": expires_in}
    here.open().resolve("1")
    here.fake.wire.forget()
    here.clock.elapsed += 40
    here.open().resolve("1")
    assert len(here.lines) == 1
    here.clock.elapsed += 3600
    here.open().resolve("1")
    assert PULL_TOKEN in here.lines


def test_a_token_that_ran_out_early_is_renewed_once(here: Here) -> None:
    here.open().resolve("1")
    here.fake.tokens.expire()
    here.fake.wire.forget()
    assert here.open().resolve("1") == APP.digest
    assert here.lines == ["HEAD /v2/shop/manifests/1", PULL_TOKEN, "HEAD /v2/shop/manifests/1"]


def test_tokens_that_last_for_one_request_are_enough_for_a_push(here: Here) -> None:
    here.fake.tokens.uses = 1
    put(APP, here.open(), "2")
    assert here.fake.tags("shop")["2"] == APP.digest


def test_a_chunked_upload_goes_on_with_a_new_token(here: Here) -> None:
    here.fake.tokens.uses, here.fake.monolithic = 1, False
    content = bytes(9 * 1024 * 1024)
    here.open().put_blob(descriptor("x", Digest(digest_of(content)), len(content)), content_of(content))
    assert here.fake.blob("shop", digest_of(content)) == content


def test_a_registry_that_refuses_every_token_is_not_asked_for_ever(here: Here) -> None:
    here.fake.tokens.uses = 0
    with pytest.raises(TransportError) as refusal:
        here.open().resolve("1")
    assert code_of(refusal) == "authentication-failed"
    assert len(here.lines) == 3


def test_a_wrong_password_is_tried_once() -> None:
    here = Here(guarded(), Network(credentials=logins(registry_test=Login("alice", "wrong"))))
    with pytest.raises(TransportError) as refusal:
        here.open().resolve("1")
    assert code_of(refusal) == "authentication-failed"
    assert [line for line in here.lines if "/token" in line] == [PULL_TOKEN]
    assert "registry-auth" in refusal.value.remedy


def test_a_wrong_password_is_not_tried_again_without_the_extra_scope() -> None:
    here = Here(guarded(), Network(credentials=logins(registry_test=Login("alice", "wrong"))))
    assert not here.open().mount_blob(descriptor("x", Digest(digest_of(b"")), 0), repository("base"))
    assert len([line for line in here.lines if "/token" in line]) == 1


def test_a_public_image_is_read_by_nobody_in_particular() -> None:
    here = Here(guarded())
    here.fake.put_manifest("shop", "1", APP.content, APP.media_type)
    assert here.open().manifest("1").document.content == APP.content
    assert all("Basic" not in asked.headers.get("authorization", "") for asked in here.fake.wire.journal)


def test_a_private_image_says_which_inputs_are_missing() -> None:
    here = Here(guarded())
    here.fake.tokens.anonymous_pull = False
    with pytest.raises(TransportError) as refusal:
        here.open().manifest("1")
    assert code_of(refusal) == "authentication-failed"
    assert "`username` and `password`" in refusal.value.remedy


def test_a_password_is_asked_for_and_sent_as_basic() -> None:
    here = Here(guarded("basic"), with_password())
    put(APP, here.open(), "1")
    assert here.open().resolve("1") == APP.digest
    assert sum("authorization" not in asked.headers for asked in here.fake.wire.journal) == 1
    here.fake.wire.audit()


@pytest.mark.parametrize("login", [Login("alice", "wrong"), Login("", identity_token=IDENTITY)])
def test_a_login_that_basic_does_not_take_ends_at_once(login: Login) -> None:
    here = Here(guarded("basic"), Network(credentials=logins(registry_test=login)))
    with pytest.raises(TransportError) as refusal:
        here.open().resolve("1")
    assert code_of(refusal) == "authentication-failed"
    assert len(here.lines) <= 2


def test_a_401_without_a_challenge_is_a_no(here: Here) -> None:
    here.fake.wire.always = answers(401)
    with pytest.raises(TransportError) as refusal:
        here.open().resolve("1")
    assert code_of(refusal) == "authentication-failed"
    assert len(here.lines) == 1


def test_of_several_challenges_the_first_that_can_be_answered_is() -> None:
    network = Network(credentials=logins(registry_test=Login("", identity_token=IDENTITY)))
    here = Here(guarded(), network)
    here.fake.tokens.add_identity_token(IDENTITY)
    here.fake.put_manifest("shop", "1", APP.content, APP.media_type)
    both = (("WWW-Authenticate", f'Basic realm="x", Bearer realm="{here.fake.tokens.realm}",service="s"'),)
    here.fake.wire.faults[0] = answers(401, *both)
    assert here.open().resolve("1") == APP.digest
    here.fake.wire.audit()


# identity tokens


@pytest.fixture
def with_identity() -> Iterator[Here]:
    place = Here(guarded(), Network(credentials=logins(registry_test=Login("", identity_token=IDENTITY))))
    place.fake.tokens.add_identity_token(IDENTITY)
    place.fake.put_manifest("shop", "1", APP.content, APP.media_type)
    yield place
    place.fake.wire.audit()


def test_an_identity_token_is_posted_for_an_access_token(with_identity: Here) -> None:
    assert with_identity.open().resolve("1") == APP.digest
    asked = with_identity.fake.wire.journal[1]
    assert (asked.method, asked.path) == ("POST", "/token")
    assert b"grant_type=refresh_token" in asked.body
    assert b"scope=repository%3Ashop%3Apull" in asked.body
    assert IDENTITY not in str(asked.url)


@pytest.mark.parametrize("status", [404, 405])
def test_a_token_server_that_takes_no_post_is_asked_with_get(with_identity: Here, status: int) -> None:
    with_identity.fake.tokens.oauth_status = status
    with_identity.fake.users["<token>"] = IDENTITY
    assert with_identity.open().resolve("1") == APP.digest
    assert [asked.method for asked in with_identity.fake.wire.journal] == ["HEAD", "POST", "GET", "HEAD"]


# token servers that misbehave


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"<html>",
        b'{"token": ""}',
        b'{"token": null}',
        b'{"token": 7}',
        b'{"token": "a b"}',
        b'{"token": "a\\r\\nX-Injected: 1"}',
        b'{"token": "\\u00e9"}',
        b'{"token": "' + b"a" * 1_000_000 + b'"}',
        b'{"token": "' + b"a" * 40_000 + b'"}',
        b'{"token": "x", "token": "y"}',
        b"[" * 100_000,
        b"\xff\xfe{\x00}\x00",
    ],
)
def test_an_answer_without_a_usable_token_is_told_and_never_sent_on(here: Here, body: bytes) -> None:
    here.fake.tokens.override = lambda _asked: Told(200, (), body)
    with pytest.raises(TransportError) as refusal:
        here.open().resolve("1")
    assert code_of(refusal) == "registry-misbehaved"
    assert len(here.lines) == 2


def test_access_token_is_another_name_for_token(here: Here) -> None:
    here.fake.tokens.name = "access_token"
    assert here.open().resolve("1") == APP.digest


def test_an_empty_token_beside_an_access_token_is_passed_over(here: Here) -> None:
    here.fake.tokens.name, here.fake.tokens.extra = "access_token", {"token": ""}
    assert here.open().resolve("1") == APP.digest


def test_a_token_server_that_redirects_is_not_followed(here: Here) -> None:
    elsewhere = (("Location", "https://evil.test/token"),)
    here.fake.tokens.override = lambda _asked: Told(302, elsewhere)
    with pytest.raises(TransportError):
        here.open().resolve("1")
    assert not any("evil.test" in line for line in here.lines)


def test_a_token_server_that_is_down_for_a_moment_is_asked_again(here: Here) -> None:
    here.fake.wire.faults[1] = answers(503)
    assert here.open().resolve("1") == APP.digest
    assert here.clock.sleeps == [0.25]


def test_a_token_server_s_404_is_not_an_image_that_is_not_there(here: Here) -> None:
    here.fake.tokens.override = lambda _asked: Told(404, (), b"page not found")
    with pytest.raises(TransportError) as refusal:
        here.open().manifest("1")
    assert code_of(refusal) == "registry-misbehaved"
    assert "auth.registry.test" in refusal.value.message


# who may see what


@pytest.mark.parametrize(
    "realm", ["https://evil.test/token", "http://auth.registry.test/token", "https://alice@evil.test", "https://[::1]/"]
)
def test_a_registry_cannot_have_the_password_sent_elsewhere(here: Here, realm: str) -> None:
    here.fake.tokens.realm = realm
    with pytest.raises(TransportError) as refusal:
        here.open().resolve("1")
    assert code_of(refusal) == "token-realm-refused"
    assert len(here.lines) == 1


def test_a_realm_that_changes_in_the_middle_is_judged_again(here: Here) -> None:
    here.open().resolve("1")
    here.fake.tokens.realm = "https://evil.test/token"
    here.fake.tokens.expire()
    with pytest.raises(TransportError) as refusal:
        here.open().resolve("1")
    assert code_of(refusal) == "token-realm-refused"


def test_a_place_that_we_were_redirected_to_gets_no_token_even_when_it_asks(here: Here) -> None:
    digest = here.fake.put_blob("shop", b"blob")
    here.fake.cdn = "evil.test"
    challenge = (
        ("WWW-Authenticate", f'Bearer realm="{here.fake.tokens.realm}",service="s",scope="repository:x:pull"'),
    )

    def evil(asked: Asked) -> Told:
        return Told(401, challenge, b"log in" + asked.host.encode())

    here.fake.wire.sites["evil.test"] = evil
    with pytest.raises(TransportError) as refusal, here.open().blob(descriptor("x", Digest(digest), 4)) as chunks:
        list(chunks)
    assert code_of(refusal) == "authentication-failed"
    (seen,) = [asked for asked in here.fake.wire.journal if asked.host == "evil.test"]
    assert "authorization" not in seen.headers
    assert [line for line in here.lines if "/token" in line] == [PULL_TOKEN]


def test_a_request_that_left_the_registry_is_nobody_s_when_it_comes_back(here: Here) -> None:
    digest = here.fake.put_blob("shop", b"blob")
    here.fake.cdn = "evil.test"
    back = (("Location", "https://registry.test/v2/shop/manifests/1"),)
    here.fake.wire.sites["evil.test"] = lambda _asked: Told(302, back)
    with pytest.raises(TransportError), here.open().blob(descriptor("x", Digest(digest), 4)):
        pass
    assert here.lines[-1] == "GET /v2/shop/manifests/1"
    assert "authorization" not in here.fake.wire.journal[-1].headers


def test_one_registry_s_login_is_not_shown_to_another() -> None:
    other = FakeRegistry("other.test", auth="bearer")
    here = Here(guarded(wire=other.wire), with_password())
    other.put_manifest("shop", "1", APP.content, APP.media_type)
    here.open("shop", "other.test").manifest("1")
    here.open().resolve("1")
    here.fake.wire.audit()


def test_the_same_host_on_another_port_is_another_registry() -> None:
    other = FakeRegistry("registry.test:5000", auth="basic")
    here = Here(guarded(wire=other.wire), with_password())
    with pytest.raises(TransportError):
        here.open("shop", "registry.test:5000").resolve("1")
    assert all("authorization" not in asked.headers for asked in here.fake.wire.journal)


def test_cookies_are_never_sent(here: Here) -> None:
    here.open().resolve("1")
    here.open().resolve("1")
    assert all("cookie" not in asked.headers for asked in here.fake.wire.journal)


def test_what_a_registry_echoes_of_our_secrets_is_not_shown(here: Here) -> None:
    def echo(asked: Asked) -> Told:
        authorization = asked.headers["authorization"]
        return Told(403, (), f"no: {authorization} {authorization.split()[1]} {PASSWORD}".encode())

    here.open().resolve("1")
    here.fake.wire.sites["registry.test"] = echo
    with pytest.raises(TransportError) as refusal:
        here.open().manifest("1")
    assert "canary" not in f"{refusal.value.message} {refusal.value.remedy}"
    assert "no:" in refusal.value.message


def test_many_threads_ask_for_one_token(here: Here) -> None:
    store = here.open()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: store.resolve("1"), range(32))) == {APP.digest}
    assert here.lines.count(PULL_TOKEN) == 1


def test_the_audit_sees_a_secret_wherever_it_is() -> None:
    here = Here(guarded())
    for leak in (PASSWORD, "YWxpY2U6cGFzc3dvcmQtY2FuYXJ5"):  # alice:password-canary
        here.fake.wire.journal[:] = []
        here.fake.wire.carry(Asked("GET", httpx.URL(f"https://evil.test/?x={leak}"), httpx.Headers(), b""))
        with pytest.raises(AssertionError, match="was seen"):
            here.fake.wire.audit()
