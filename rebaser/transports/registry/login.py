"""Who we are at one registry. A value whose secrets are in no text that is made of it."""

import base64
import binascii
from dataclasses import dataclass, field

IDENTITY_TOKEN_USER = "<token>"  # noqa: S105  a user name
"""The user name under which credential helpers give out an identity token."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, or an identity token that buys access tokens."""

    username: str
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must not be seen anywhere; what is shorter than a word cannot be told from one."""
        found = (self.password, self.identity_token, self.basic)
        return tuple(secret for secret in found if len(secret) >= 4)  # noqa: PLR2004

    @property
    def basic(self) -> str:
        """Return user name and password as Basic authentication wants them; empty when there is no password."""
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode() if self.password else ""


def login_of(username: str, secret: str) -> Login | None:
    """Return the login that a credential helper's two values make, None when they make none."""
    if not secret:
        return None
    return Login("", identity_token=secret) if username == IDENTITY_TOKEN_USER else Login(username, secret)


def login_from_auth(encoded: str) -> Login | None:
    """Return the login that docker's `auth` holds; None when it holds none."""
    username, password = parts_of_auth(encoded)
    return login_of(username, password)


def parts_of_auth(encoded: str) -> tuple[str, str]:
    """Return user name and password of docker's `auth`, base64 of `user:password`; both empty when it is not that."""
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    username, _, password = decoded.rstrip("\0").partition(":")
    return username, password
