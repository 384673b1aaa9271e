"""One registry: the origin it answers at, who we are there, and every request to it.

Authentication and redirects are decided here together, because each is a leak without the other: an authorization
goes to the registry's own origin and never comes back once a request has left it.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import httpx

from rebaser.errors import TransportError
from rebaser.oci.document import MAX_MANIFEST
from rebaser.transports.base import Content
from rebaser.transports.registry.auth import MAX_TOKEN_ANSWER, Demand, RegistryAuth, TokenRequest
from rebaser.transports.registry.network import Network, expected_origin
from rebaser.transports.registry.realm import Trust
from rebaser.transports.registry.responses import OK, UNAUTHORIZED, Answer, Errand, misbehaved, refusal, unreachable
from rebaser.transports.registry.retry import READ_WHOLE, Timing, held_body
from rebaser.transports.registry.scopes import Scopes
from rebaser.transports.registry.targets import origin_of, refused_target, resolved

MAX_REDIRECTS = 5

_REDIRECTS = (301, 302, 303, 307, 308)
_READS = ("GET", "HEAD")
_WANTS_TLS = (b"HTTP request to an HTTPS server", b"plain HTTP request was sent to HTTPS port")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. `target` is a path of the registry, or a URL that it gave; a `Content` is opened for each try."""

    method: str
    target: str | httpx.URL
    scopes: Scopes
    errand: Errand
    headers: Headers = ()
    body: bytes | Content = field(default=b"", repr=False)
    limit: int | None = MAX_MANIFEST  # bytes of a success that are read at once; None: it is streamed


class Connection:
    """All requests to one registry. Callable from several threads."""

    def __init__(self, registry: str, network: Network, client: httpx.Client, timing: Timing) -> None:
        self.registry = registry
        self.origin = expected_origin(registry, network)
        self.trusted = network.insecure_registries
        self._client = client
        self._ahead: dict[tuple[str, str | httpx.URL], Future[Answer]] = {}
        trust = Trust(network.credentials.vouched, network.insecure_registries)
        self._auth = RegistryAuth(registry, network.credentials, trust, self._token, timing)

    def ask(self, ask: Ask) -> Answer:
        """Return the whole answer, whatever its status.

        Raises:
            TransportError: there was none, or it led where we must not go.
        """
        ahead = self._ahead.pop((ask.method, ask.target), None)
        return ahead.result() if ahead is not None else _whole(self._exchange(ask))

    def ask_ahead(self, ask: Ask) -> None:
        """Ask now, in a thread of its own; whoever asks the same next gets this answer, or what became of it."""
        future: Future[Answer] = Future()
        self._ahead[ask.method, ask.target] = future
        Thread(target=self._answer, args=(ask, future), daemon=True).start()

    def _answer(self, ask: Ask, future: Future[Answer]) -> None:
        try:
            future.set_result(_whole(self._exchange(ask)))
        except BaseException as error:  # noqa: BLE001  whoever waits for it gets it
            future.set_exception(error)

    @contextmanager
    def stream(self, ask: Ask) -> Iterator[httpx.Response]:
        """Open a successful answer whose body is still to be read, raw.

        Raises:
            TransportError: there was none, or it was a refusal.
        """
        response = self._exchange(ask)
        try:
            if response.status_code not in OK:
                raise self.refused(_whole(response), ask.errand)
            yield response
        finally:
            response.close()

    def refused(self, answer: Answer, errand: Errand) -> TransportError:
        """Return the error that a refusal is."""
        return refusal(answer, errand, self._auth.secrets, known=self._auth.is_known)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must not be seen in any text."""
        return self._auth.secrets

    def target(self, here: httpx.URL, location: str | None, errand: Errand) -> httpx.URL:
        """Return where an answer from `here` sends us.

        Raises:
            TransportError: nowhere, or where this registry may not send us.
        """
        if not location:
            raise misbehaved(errand, f"{here.host} answered without a Location")
        try:
            url = resolved(here, location)
        except ValueError as error:
            raise misbehaved(errand, f"{here.host} sent us to a Location that is not a URL") from error
        problem = refused_target(self.origin, url, self.trusted)
        if problem:
            raise misbehaved(errand, f"{here.host} sent us to {origin_of(url)}, which was not followed: {problem}")
        return url.copy_with(userinfo=b"", fragment=None)

    def _exchange(self, ask: Ask) -> httpx.Response:
        own = isinstance(ask.target, str)
        url = httpx.URL(f"{self.origin}{ask.target}") if own else httpx.URL(ask.target)
        at_home = own or origin_of(url) == self.origin
        for _ in range(MAX_REDIRECTS + 1):
            response = self._authorized(ask, url) if at_home else self._sent(ask, url, None)
            if response.status_code not in _REDIRECTS or ask.method not in _READS:
                return response
            response.close()
            url = self.target(response.url, response.headers.get("location"), ask.errand)
            at_home = at_home and origin_of(url) == self.origin
        raise misbehaved(ask.errand, f"{self.registry} redirects more than {MAX_REDIRECTS} times")

    def _authorized(self, ask: Ask, url: httpx.URL) -> httpx.Response:
        authorization = self._auth.authorization(ask.scopes, ask.errand)
        response = self._sent(ask, url, authorization)
        encrypted = _encrypted(response)
        if encrypted is not None:
            self.origin, url = origin_of(encrypted), encrypted
            response = self._sent(ask, url, authorization)
        if response.status_code != UNAUTHORIZED:
            return response
        challenges = tuple(response.headers.get_list("www-authenticate"))
        better = self._auth.answer(Demand(challenges, authorization, self.origin, url), ask.scopes, ask.errand)
        return response if better is None else self._sent(ask, url, better)

    def _sent(self, ask: Ask, url: httpx.URL, authorization: str | None) -> httpx.Response:
        headers = [*ask.headers, *([("Authorization", authorization)] if authorization else [])]
        if isinstance(ask.body, bytes):
            return self._send(ask, url, headers, ask.body)
        with ask.body() as chunks:
            return self._send(ask, url, headers, chunks)

    def _send(
        self, ask: Ask, url: httpx.URL, headers: list[tuple[str, str]], content: bytes | Iterator[bytes]
    ) -> httpx.Response:
        extensions = {} if ask.limit is None else {READ_WHOLE: ask.limit}
        body = content or None if ask.method in _READS else content
        try:
            request = self._client.build_request(ask.method, url, headers=headers, content=body, extensions=extensions)
            return self._client.send(request, stream=True)
        except httpx.TransportError as error:
            raise unreachable(error, ask.errand, url.netloc.decode()) from error

    def _token(self, wanted: TokenRequest, errand: Errand) -> Answer:
        headers = [("Authorization", wanted.authorization)] if wanted.authorization else []
        if wanted.form is not None:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        method = "GET" if wanted.form is None else "POST"
        ask = Ask(method, wanted.url, (), errand, tuple(headers), wanted.form or b"", MAX_TOKEN_ANSWER)
        return _whole(self._sent(ask, wanted.url, None))


def _encrypted(response: httpx.Response) -> httpx.URL | None:
    """Return the same address with https, when a host that we spoke to in clear says that it wants that."""
    here = response.url
    if here.scheme != "http":
        return None
    if response.status_code in _REDIRECTS:
        there = httpx.URL(response.headers.get("location", ""))
        same = (there.scheme, there.host, there.raw_path) == ("https", here.host, here.raw_path)
        return there.copy_with(userinfo=b"", fragment=None) if same else None
    refused = response.status_code == 400 and any(words in held_body(response) for words in _WANTS_TLS)  # noqa: PLR2004
    return here.copy_with(scheme="https") if refused else None


def _whole(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, held_body(response), response.url)
