import ssl

import httpx
import pytest

from rebaser.errors import ImageNotFound
from rebaser.transports.registry.responses import Answer, Errand, Kind, clean, refusal, says_immutable, unreachable
from tests.transports.registry.places import repository

READ = Errand(Kind.READ, repository("shop"), "the manifest", "1")
UPLOAD = Errand(Kind.UPLOAD, repository("shop"), "the blob upload")
MANIFEST = Errand(Kind.MANIFEST, repository("shop"), "the manifest", "sha256:abc")
DENIED = b'{"errors":[{"code":"DENIED","message":"no way"}]}'


def answer(status: int, content: bytes = b"") -> Answer:
    return Answer(status, httpx.Headers(), content, httpx.URL("https://registry.test/v2/shop?secret=1"))


@pytest.mark.parametrize(
    ("errand", "status", "code"),
    [
        (READ, 401, "authentication-failed"),
        (READ, 403, "access-denied"),
        (READ, 404, "image-not-found"),
        (READ, 410, "image-not-found"),
        (READ, 429, "rate-limited"),
        (READ, 408, "registry-unavailable"),
        (READ, 500, "registry-unavailable"),
        (READ, 599, "registry-unavailable"),
        (READ, 302, "registry-misbehaved"),
        (READ, 400, "registry-misbehaved"),
        (READ, 418, "registry-misbehaved"),
        (READ, 451, "registry-misbehaved"),
        (UPLOAD, 401, "authentication-failed"),
        (UPLOAD, 403, "access-denied"),
        (UPLOAD, 404, "upload-refused"),
        (UPLOAD, 405, "upload-refused"),
        (UPLOAD, 413, "upload-refused"),
        (UPLOAD, 416, "upload-refused"),
        (UPLOAD, 507, "registry-unavailable"),
        (MANIFEST, 400, "manifest-refused"),
        (MANIFEST, 404, "manifest-refused"),
        (MANIFEST, 413, "manifest-refused"),
        (MANIFEST, 415, "manifest-refused"),
        (MANIFEST, 403, "access-denied"),
    ],
)
def test_the_status_decides(errand: Errand, status: int, code: str) -> None:
    error = refusal(answer(status), errand)
    assert error.code == code
    assert isinstance(error, ImageNotFound) is (code == "image-not-found")
    assert f"({status})" in error.message
    assert "registry.test/shop" in error.message
    assert error.remedy


def test_the_registry_s_own_words_are_in_the_message() -> None:
    assert refusal(answer(403, DENIED), READ).message == (
        "Could not read registry.test/shop:1: registry.test refused the manifest (403 DENIED: “no way”)"
    )
    assert refusal(answer(404), MANIFEST).message.startswith("Could not push registry.test/shop@sha256:abc: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "(403)"),
        (b'{"errors": null}', '(403: “{"errors": null}”)'),
        (b'{"errors": []}', '(403: “{"errors": []}”)'),
        (b'{"errors": [1, null]}', ""),
        (b'{"errors": [{}]}', "(403)"),
        (b'{"errors": [{"code": 7, "message": ["x"]}]}', "['x']"),
        (b'{"errors": [{"code": "X"}]}', "(403 X)"),
        (b'{"message": "plain"}', "plain"),
        (b'{"details": "token server"}', "token server"),
        (b"<html><body><h1>Bad</h1>\n gateway</body></html>", "“Bad gateway”"),
        (b"\xff\xfe", "403"),
        (b'{"errors":[{"message":"\x1b[2J::error::x\\r\\n\xe2\x80\xae"}]}', ""),
        (b"a" * 1_000_000, "… ("),
        (b"<" * 60_000, "403"),
        (b'{"errors":' + b"[" * 50_000, "403"),
    ],
)
def test_bodies_are_read_leniently_and_shown_safely(content: bytes, words: str) -> None:
    message = refusal(answer(403, content), READ).message
    assert words in message
    assert message.isprintable()
    assert len(message) < 600


def test_control_characters_of_a_registry_are_shown_and_not_done() -> None:
    body = b'{"errors":[{"message":"\\u001b[2J\\n::error::x\\u202e"}]}'
    assert "\\x1b[2J\\x0a::error::x\\u202e" in refusal(answer(403, body), READ).message


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("see https://cdn.test/x?sig=abc&y=1 now", "see https://cdn.test/x?… now"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer ***"),
        ("basic YWxpY2U6cGFzcw==", "basic ***"),
        ("the hunter2! secret", "the *** secret"),
        ("nothing of that", "nothing of that"),
    ],
)
def test_what_may_be_secret_is_taken_out(text: str, cleaned: str) -> None:
    assert clean(text, ["hunter2!"]) == cleaned


def test_too_many_requests_hides_behind_other_statuses() -> None:
    body = b'{"errors":[{"code":"TOOMANYREQUESTS","message":"pull rate limit"}]}'
    assert refusal(answer(400, body), READ).code == "rate-limited"


def test_the_remedy_depends_on_whether_we_are_known() -> None:
    assert "nothing is known" in refusal(answer(401), READ).remedy
    assert "Correct the credentials" in refusal(answer(401), READ, known=True).remedy
    assert "nothing is known" in refusal(answer(403), READ).remedy
    assert "the right to write registry.test/shop" in refusal(answer(403), UPLOAD, known=True).remedy


def test_ghcr_s_remedy_is_a_permission_of_the_job() -> None:
    errand = Errand(Kind.UPLOAD, repository("acme/shop", "ghcr.io"), "the blob upload")
    assert "`packages: write`" in refusal(answer(403), errand, known=True).remedy
    reading = Errand(Kind.READ, repository("acme/shop", "ghcr.io"), "the manifest", "1")
    assert "`packages: read`" in refusal(answer(403), reading, known=True).remedy


@pytest.mark.parametrize(
    ("status", "body", "immutable"),
    [
        (409, b"", True),
        (412, b"", True),
        (400, b'{"errors":[{"code":"TAG_INVALID"}]}', True),
        (400, b'{"errors":[{"code":"MANIFEST_INVALID"}]}', False),
        (403, b'{"errors":[{"code":"DENIED","message":"Tag is immutable"}]}', True),
        (403, b"Not allowed to overwrite", True),
        (403, DENIED, False),
        (500, b"immutable", False),
    ],
)
def test_how_registries_say_that_a_tag_is_immutable(status: int, body: bytes, immutable: bool) -> None:
    assert says_immutable(answer(status, body)) is immutable


def caused(cause: Exception) -> httpx.ConnectError:
    error = httpx.ConnectError("handshake failed")
    error.__cause__ = cause
    return error


def test_why_there_was_no_answer() -> None:
    plain = unreachable(httpx.ConnectError("refused https://proxy/?secret=1"), READ, "registry.test")
    assert plain.code == "registry-unavailable"
    assert "secret" not in plain.message
    clear = unreachable(caused(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")), READ, "registry.test:5000")
    assert clear.code == "insecure-registry"
    assert "registry.test:5000 to `insecure-registries`" in clear.remedy
    untrusted = unreachable(caused(ssl.SSLCertVerificationError(1, "self-signed")), READ, "registry.test")
    assert untrusted.code == "certificate-untrusted"
