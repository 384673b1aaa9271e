"""Where a registry may send us for a token. It names the place that will see the password, so this is a policy.

Allowed: the registry's own host, a host of the same owner, the few that are known to serve another registry, and
what `registry-auth` names. Encrypted, unless the registry itself is spoken to in clear.
"""

from dataclasses import dataclass

import httpx

from rebaser.errors import TransportError
from rebaser.printable import printable
from rebaser.transports.registry.origin import Origin, address, is_plain_host
from rebaser.transports.registry.targets import origin_of

MAX_REALM = 2048  # characters

_IN_CLEAR = "it is not encrypted"

_KNOWN = {"registry-1.docker.io": {"auth.docker.io"}, "registry.redhat.io": {"sso.redhat.com"}}

_SHARED_DOMAINS = frozenset(
    [
        "amazonaws.com",
        "appspot.com",
        "azure.com",
        "azurecr.io",
        "azurewebsites.net",
        "cloudapp.net",
        "cloudfront.net",
        "cloudflare.net",
        "digitaloceanspaces.com",
        "duckdns.org",
        "firebaseapp.com",
        "fly.dev",
        "github.io",
        "gitlab.io",
        "googleapis.com",
        "googleusercontent.com",
        "herokuapp.com",
        "jfrog.io",
        "koyeb.app",
        "linodeobjects.com",
        "netlify.app",
        "ngrok.app",
        "ngrok.dev",
        "ngrok.io",
        "ngrok-free.app",
        "nip.io",
        "onrender.com",
        "pages.dev",
        "pkg.dev",
        "r2.dev",
        "railway.app",
        "render.com",
        "run.app",
        "sslip.io",
        "trycloudflare.com",
        "vercel.app",
        "windows.net",
        "workers.dev",
    ]
)
"""Domains whose sub-domains belong to different people: there, only the very same host is trusted."""

_SHARED_SECOND_LABELS = frozenset(
    ["ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "govt", "mil", "ne", "net", "nom", "or", "org", "sch"]
)
"""In `example.co.uk` and `example.com.au`, the last two labels are nobody's."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What the inputs allow beyond the built-in rules: hosts that may see a login, hosts spoken to in clear."""

    vouched: frozenset[str] = frozenset()
    clear: frozenset[str] = frozenset()


def realm_url(realm: str, registry: Origin, here: httpx.URL, trust: Trust) -> httpx.URL:
    """Return the address of the token server that `registry` names; a relative one is meant from `here`.

    Raises:
        TransportError: `token-realm-refused`, when credentials must not go there.
    """
    problem = "it is not a URL"
    try:
        url = here.join(realm) if len(realm) <= MAX_REALM else None
        problem = "it is too long" if url is None else _problem(url, registry, trust) or ""
    except (httpx.InvalidURL, ValueError):
        url = None
    if url is None or problem:
        raise _refused(realm, registry, problem, url)
    return url.copy_with(fragment=None)


def _problem(url: httpx.URL, registry: Origin, trust: Trust) -> str | None:
    there = origin_of(url)
    if url.userinfo:
        return "it carries a user name"
    if there == registry:
        return None
    if there.scheme != "https" and not _may_be_clear(there, registry, trust):
        return _IN_CLEAR
    if not is_plain_host(there.host):
        return "its host is not written plainly"
    named = {there.host, there.authority} & trust.vouched
    known = there.host in _KNOWN.get(registry.host, ())
    return None if named or known or same_owner(there.host, registry.host) else "it belongs to somebody else"


def _may_be_clear(there: Origin, registry: Origin, trust: Trust) -> bool:
    if there.scheme != "http" or registry.scheme != "http":
        return False
    return there.host == registry.host or bool({there.host, there.authority} & trust.clear)


def same_owner(host: str, other: str) -> bool:
    """Answer whether two hosts are surely one owner's: the same, or of one domain that is nobody else's."""
    if host == other:
        return True
    labels, other_labels = host.split("."), other.split(".")
    if address(host) or address(other) or min(len(labels), len(other_labels)) < 2:  # noqa: PLR2004
        return False
    domain = labels[-2:]
    shared = ".".join(domain) in _SHARED_DOMAINS or (len(domain[1]) == 2 and domain[0] in _SHARED_SECOND_LABELS)  # noqa: PLR2004
    return domain == other_labels[-2:] and not shared


def _refused(realm: str, registry: Origin, problem: str, url: httpx.URL | None) -> TransportError:
    shown = printable(str(url.copy_with(query=None, username=None, password=None)) if url else realm, 200)
    remedy = (
        "Have the registry name a token server that speaks https; "
        "if both may be spoken to in clear, name both in `insecure-registries`."
        if problem == _IN_CLEAR
        else "If that server is to be trusted with your credentials, give it a line of its own in `registry-auth`."
    )
    return TransportError(
        "token-realm-refused",
        f"{registry.authority} wants us to authenticate at {shown}, and no credentials were sent there: {problem}",
        remedy,
    )
