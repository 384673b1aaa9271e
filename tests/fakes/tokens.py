"""The token server of the fake registry: Docker's token authentication, GET and OAuth2 POST, with knobs for quirks."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs

from tests.fakes.wire import Asked, Told, Wire


@dataclass
class TokenServer:
    """Gives out opaque tokens, each for some actions on some repositories."""

    registry: str
    scheme: str
    users: Mapping[str, str]
    wire: Wire
    service: str = "fake-registry"
    identity_tokens: set[str] = field(default_factory=set)
    honoured: Literal["all", "first", "last"] = "all"
    unknown_repositories: set[str] = field(default_factory=set)  # a request that names one fails altogether
    read_only: set[str] = field(default_factory=set)  # nobody gets push on these
    oauth_status: int = 200
    name: Literal["token", "access_token"] = "token"
    extra: dict[str, object] = field(default_factory=dict)  # put into every answer; None removes
    uses: int | None = None  # a token is good for so many requests
    anonymous_pull: bool = True
    override: Callable[[Asked], Told | None] = lambda _asked: None

    granted: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.host = f"auth.{self.registry}"
        self.realm = f"{self.scheme}://{self.host}/token"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"

    def add_identity_token(self, token: str) -> None:
        self.identity_tokens.add(token)
        self.wire.secrets[token] = {self.origin}

    def expire(self) -> None:
        """Make every token that was given out useless."""
        self.granted.clear()

    def basic_user(self, asked: Asked) -> str | None:
        """Return who the request's Basic credentials are of, None when they are of nobody."""
        kind, _, encoded = asked.headers.get("authorization", "").partition(" ")
        if kind != "Basic":
            return None
        username, _, password = base64.b64decode(encoded).decode().partition(":")
        return username if self.users.get(username) == password else None

    def allows(self, asked: Asked, name: str, action: str) -> bool:
        """Answer whether the request's token is good for `action` on `name`."""
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.granted:
            return False
        self.used[token] = self.used.get(token, 0) + 1
        if self.uses is not None and self.used[token] > self.uses:
            return False
        return (name, action) in self.granted[token]

    def handle(self, asked: Asked) -> Told:
        told = self.override(asked)
        if told is not None:
            return told
        if asked.method == "POST":
            return self._oauth(asked)
        user = self.basic_user(asked)
        if user is None and ("authorization" in asked.headers or not self.anonymous_pull):
            return Told(401, (), b'{"details":"incorrect username or password"}')
        return self._grant(asked.url.params.get_list("scope"), can_push=user is not None)

    def _oauth(self, asked: Asked) -> Told:
        if self.oauth_status != 200:
            return Told(self.oauth_status)
        form = {key: values[0] for key, values in parse_qs(asked.body.decode()).items()}
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") not in self.identity_tokens:
            return Told(401, (), b'{"error":"invalid_grant"}')
        return self._grant(form.get("scope", "").split(), can_push=True)

    def _grant(self, scopes: list[str], *, can_push: bool) -> Told:
        chosen = {"all": scopes, "first": scopes[:1], "last": scopes[-1:]}[self.honoured]
        access = {(name, action) for scope in chosen for name, action in _parts(scope)}
        if any(name in self.unknown_repositories for scope in scopes for name, _ in _parts(scope)):
            return Told(403, (), b'{"errors":[{"code":"DENIED"}]}')
        access = {(n, a) for n, a in access if a == "pull" or (can_push and n not in self.read_only)}
        token = f"token-canary-{len(self.wire.secrets)}-end"
        self.granted[token] = access
        self.wire.secrets[token] = {f"{self.scheme}://{self.registry}"}
        answer = {self.name: token, "expires_in": 300} | self.extra
        content = json.dumps({k: v for k, v in answer.items() if v is not None}).encode()
        return Told(200, (("Content-Type", "application/json"),), content)


def _parts(scope: str) -> list[tuple[str, str]]:
    _, name, actions = scope.split(":")
    return [(name, action) for action in actions.split(",")]
