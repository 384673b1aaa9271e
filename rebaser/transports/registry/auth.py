"""Answers a registry that asks who we are: with a password, or a token from the server that it names.

Docker's token authentication specification, with its OAuth2 variant for identity tokens. What is learnt from one
challenge is used for all later requests. Only `connection` asks here, and only for answers that came from the
registry's own origin.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock
from urllib.parse import quote, urlencode

import httpx

from rebaser.transports.registry.challenge import Challenge, parse_challenges
from rebaser.transports.registry.credentials import Credentials
from rebaser.transports.registry.login import IDENTITY_TOKEN_USER, Login
from rebaser.transports.registry.origin import Origin
from rebaser.transports.registry.realm import Trust, realm_url
from rebaser.transports.registry.responses import (
    UNAUTHORIZED,
    Answer,
    Errand,
    Kind,
    lenient_object,
    misbehaved,
    refusal,
)
from rebaser.transports.registry.retry import Timing
from rebaser.transports.registry.scopes import Scopes

MAX_TOKEN_ANSWER = 256 * 1024  # bytes
MAX_TOKEN = 32 * 1024  # characters; the largest seen have 4 000
DEFAULT_LIFE = 60.0  # seconds, where the server does not say; also the least that is believed
LONGEST_LIFE = 3600.0  # seconds
FRESH = 0.8  # of its life a token is used

_NO_OAUTH = (404, 405)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request to a token server; it goes there with nothing but what stands here."""

    url: httpx.URL
    authorization: str | None = field(default=None, repr=False)
    form: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a registry at `origin` answered to a request for `here`: its challenges, and what was not enough."""

    headers: tuple[str, ...]
    refused: str | None = field(repr=False)
    origin: Origin
    here: httpx.URL


@dataclass(frozen=True, slots=True)
class _Token:
    header: str = field(repr=False)
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class _Server:
    realm: httpx.URL
    service: str


class RegistryAuth:
    """Who we are at one registry, and the tokens that say so. Callable from several threads."""

    def __init__(
        self,
        registry: str,
        credentials: Credentials,
        trust: Trust,
        ask: Callable[[TokenRequest, Errand], Answer],
        timing: Timing,
    ) -> None:
        self._registry = registry
        self._credentials = credentials
        self._trust = trust
        self._ask = ask
        self._now = timing.monotonic
        self._server: _Server | None = None
        self._basic: str | None = None
        self._tokens: dict[Scopes, _Token] = {}
        self._locks: dict[Scopes, Lock] = {}
        self._lock = Lock()
        self._login: Login | None = None
        self._asked_login = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must not be seen in any text."""
        tokens = tuple(token.header.partition(" ")[2] for token in tuple(self._tokens.values()))
        return (*(self._login.secrets if self._login else ()), *tokens)

    @property
    def is_known(self) -> bool:
        """Answer whether we are somebody at this registry, as far as it was asked."""
        return self._login is not None

    def authorization(self, scopes: Scopes, errand: Errand) -> str | None:
        """Return what to send with a request, None while the registry has not asked for anything.

        Raises:
            TransportError: no token could be got.
        """
        if self._basic is not None:
            return self._basic
        return None if self._server is None else self._bearer(scopes, errand, refused=None)

    def answer(self, demand: Demand, scopes: Scopes, errand: Errand) -> str | None:
        """Return what to send instead of what was refused; None when we have nothing else.

        Raises:
            TransportError: `token-realm-refused`, or no token could be got.
        """
        for challenge in parse_challenges(demand.headers):
            if challenge.scheme == "bearer" and challenge.parameters.get("realm"):
                self._server = self._named(challenge, demand)
                self._basic = None
                return self._bearer(scopes, errand, demand.refused)
            login = self._who() if challenge.scheme == "basic" else None
            if login is not None and login.basic:
                self._basic = f"Basic {login.basic}"
                return self._basic if self._basic != demand.refused else None
        return None

    def _named(self, challenge: Challenge, demand: Demand) -> _Server:
        realm = realm_url(challenge.parameters["realm"], demand.origin, demand.here, self._trust)
        return _Server(realm, challenge.parameters.get("service", ""))

    def _who(self) -> Login | None:
        with self._lock:
            if not self._asked_login:
                self._login = self._credentials.login(self._registry)
                self._asked_login = True
                self._credentials.learn(self._login.secrets if self._login else ())
            return self._login

    def _bearer(self, scopes: Scopes, errand: Errand, refused: str | None) -> str:
        with self._lock:
            lock = self._locks.setdefault(scopes, Lock())
        with lock:
            token = self._cached(scopes)
            if token is None or token.header == refused:
                token = self._fetch(scopes, errand)
                self._tokens[scopes] = token
            return token.header

    def _cached(self, scopes: Scopes) -> _Token | None:
        token = self._tokens.get(scopes)
        if token is None and len(scopes) == 1:
            alone = ((held[0], token) for held, token in tuple(self._tokens.items()) if len(held) == 1)
            token = next((token for scope, token in alone if scope.covers(scopes[0])), None)
        return token if token is not None and self._now() < token.until else None

    def _fetch(self, scopes: Scopes, errand: Errand) -> _Token:
        """Get a token; where one for several repositories is refused, one for the first alone."""
        began = self._now()
        errand = replace(errand, kind=Kind.LOGIN, step="to give a token")
        answer = self._requested(scopes, errand)
        proven = answer.status != UNAUTHORIZED or bool(self._tokens)  # repeated failures lock accounts
        if not answer.is_ok and len(scopes) > 1 and proven:
            answer = self._requested(scopes[:1], errand)
        if not answer.is_ok:
            raise refusal(answer, errand, self.secrets, known=self.is_known)
        return self._read(answer, errand, began)

    def _requested(self, scopes: Scopes, errand: Errand) -> Answer:
        server, login = self._server, self._who()
        if server is None:
            raise misbehaved(errand, "it named no token server")
        if login is None or not login.identity_token:
            return self._ask(_get(server, scopes, login.basic if login else ""), errand)
        answer = self._ask(_post(server, scopes, login.identity_token), errand)
        if answer.status not in _NO_OAUTH:
            return answer
        stand_in = Login(login.username or IDENTITY_TOKEN_USER, login.identity_token)
        return self._ask(_get(server, scopes, stand_in.basic), errand)

    def _read(self, answer: Answer, errand: Errand, began: float) -> _Token:
        said = lenient_object(answer.content, MAX_TOKEN_ANSWER)
        token = said.get("token") or said.get("access_token")
        if not isinstance(token, str) or len(token) > MAX_TOKEN or not _is_printable(token):
            raise misbehaved(errand, f"{answer.url.host} answered without a token that can be used")
        self._credentials.learn((token,))
        return _Token(f"Bearer {token}", began + FRESH * _life(said.get("expires_in")))


def _get(server: _Server, scopes: Scopes, basic: str) -> TokenRequest:
    wanted = [("service", server.service)] if server.service else []
    query = urlencode([*wanted, *(("scope", str(scope)) for scope in scopes)], quote_via=quote)
    mark = "&" if server.realm.query else "?"
    return TokenRequest(httpx.URL(f"{server.realm}{mark}{query}"), f"Basic {basic}" if basic else None)


def _post(server: _Server, scopes: Scopes, identity_token: str) -> TokenRequest:
    form = {
        "grant_type": "refresh_token",
        "client_id": "rebaser",
        "service": server.service,
        "scope": " ".join(map(str, scopes)),
        "refresh_token": identity_token,
    }
    return TokenRequest(server.realm, form=urlencode(form).encode())


def _is_printable(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token


def _life(expires_in: object) -> float:
    text = str(expires_in) if isinstance(expires_in, int | float | str) and not isinstance(expires_in, bool) else ""
    try:
        seconds = float(text)
    except ValueError:
        return DEFAULT_LIFE
    return min(max(seconds, DEFAULT_LIFE), LONGEST_LIFE) if seconds == seconds else DEFAULT_LIFE  # noqa: PLR0124  nan
