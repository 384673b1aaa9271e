"""All forms in which a secret may show, for a service that hides what it is told to hide, letter by letter."""

import base64
import json
import re
from collections.abc import Iterable, Iterator

LEAST = 4  # characters; what is shorter stands in every text, and hiding it would hide nothing


def forms(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return what must be hidden for each of `secrets`, each once, the longest first.

    A secret of several lines is hidden line by line, since that is how logs are read.
    """
    found = {form for secret in secrets for form in _forms(secret) if len(form.strip()) >= LEAST}
    return tuple(sorted(found, key=lambda form: (-len(form), form)))


def secrets_of(username: str, password: str, registry_auth: str, token: str) -> tuple[str, ...]:
    """Return the secrets that the inputs hold, and the pairs that go over the wire."""
    logins = [(username, password), ("x-access-token", password), ("x-access-token", token)]
    words = [line.split(maxsplit=2) for line in registry_auth.splitlines()]
    logins += [(parts[1], parts[2]) for parts in words if len(parts) == 3]  # noqa: PLR2004  host, user, password
    several = list(_within(registry_auth))
    pairs = [f"{user}:{secret}" for user, secret in logins if secret]
    return tuple(filter(None, (*(secret for _, secret in logins), *pairs, *several)))


def _forms(secret: str) -> Iterator[str]:
    for text in (secret, *secret.splitlines()):
        stripped = text.strip()
        if len(stripped) < LEAST:
            continue
        percent = _percent(stripped)
        yield from (stripped, percent, percent.replace("%20", "+"), json.dumps(stripped)[1:-1])
        yield from _base64(stripped.encode(errors="surrogateescape"))


def _percent(text: str) -> str:
    """Return `text` as it stands in a URL. RFC 3986, section 2.1."""
    encoded = text.encode(errors="surrogateescape")
    return re.sub(rb"[^A-Za-z0-9._~-]", lambda byte: b"%%%02X" % byte[0][0], encoded).decode()


def _base64(secret: bytes) -> Iterator[str]:
    """Yield the secret's base64, and what of it stays the same wherever it stands in a longer text."""
    yield base64.b64encode(secret).decode()
    yield base64.b64encode(secret).decode().rstrip("=")
    yield base64.urlsafe_b64encode(secret).decode()
    for before in range(3):
        shifted = base64.b64encode(b"\0" * before + secret).decode()
        first, after = -(-8 * before // 6), 8 * (before + len(secret)) // 6  # of six bits, those all its own
        yield shifted[first:after]


def _within(registry_auth: str) -> Iterator[str]:
    """Yield the secrets in a docker config: passwords, tokens, and `auth` as it stands and as it reads."""
    try:
        config = json.loads(registry_auth)
    except (ValueError, RecursionError):
        return
    auths = config.get("auths", config) if isinstance(config, dict) else {}
    for entry in auths.values() if isinstance(auths, dict) else ():
        for key in ("password", "identitytoken", "registrytoken", "auth"):
            value = entry.get(key) if isinstance(entry, dict) else None
            if isinstance(value, str):
                yield value
                yield from _decoded(value) if key == "auth" else ()


def _decoded(auth: str) -> Iterator[str]:
    try:
        yield base64.b64decode(auth + "=" * (-len(auth) % 4)).decode().partition(":")[2]
    except ValueError:
        return
