"""Whom we talk to: scheme, host and port together, and where a registry may send us from there.

Every decision on who may see a secret, and on which address a server's answer may lead to, is made here.
"""

import ipaddress
import re
from dataclasses import dataclass

import httpx

MAX_PORT = 65535
MAX_LOCATION = 32 * 1024  # characters; signed upload addresses have up to 8 000

_PORTS = {"http": 80, "https": 443}
_HUB_API = {"docker.io": "registry-1.docker.io"}
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9_-]{0,62})(\.[a-z0-9][a-z0-9_-]{0,62})*")
_LOOKS_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_LOCAL_NAMES = ("localhost", "internal", "local")  # last labels of names that never lead out


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port. Two URLs are of one party only if all three agree."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """Return the origin as a URL without a path; the port is left out where it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS.get(self.scheme) else f":{self.port}")

    @property
    def authority(self) -> str:
        """Return `host[:port]`, as people name registries."""
        return str(self).partition("://")[2]


def origin_of(url: httpx.URL) -> Origin:
    """Return the origin of an absolute URL.

    Raises:
        ValueError: its port cannot be one.
    """
    port = url.port or _PORTS.get(url.scheme, 0)
    if port > MAX_PORT:
        raise ValueError(f"{port} is no port")
    return Origin(url.scheme, url.host.lower(), port)


def api_host(registry: str) -> str:
    """Return the host that answers for `registry`: docker.io's is another one than its name."""
    return _HUB_API.get(registry, registry)


def address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that `host` is, None when it is a name."""
    try:
        found = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_plain_host(host: str) -> bool:
    """Answer whether `host` is an ordinary name or address, and no spelling that resolvers read as another one.

    `2130706433`, `0177.0.0.1`, `0x7f.1` and `::ffff:127.0.0.1` are addresses in disguise; a trailing dot is a disguise
    of the same name.
    """
    found = address(host)
    if found is not None:
        return str(found) == host.strip("[]")
    return _NAME.fullmatch(host) is not None and _LOOKS_NUMERIC.fullmatch(host.rpartition(".")[2]) is None


def is_loopback(host: str) -> bool:
    """Answer whether `host` is this machine."""
    found = address(host)
    return found.is_loopback if found else host == "localhost" or host.endswith(".localhost")


def is_private(host: str) -> bool:
    """Answer whether `host` is an address or a name that only a private network knows. Names are not looked up."""
    found = address(host)
    if found is not None:
        return not found.is_global or found.is_multicast
    return "." not in host or host.rpartition(".")[2] in _LOCAL_NAMES


def refused_target(origin: Origin, target: httpx.URL, trusted: frozenset[str] = frozenset()) -> str | None:
    """Return why a registry at `origin` may not send us to `target`; None when it may. `trusted` hosts are exempt."""
    there = origin_of(target)
    if there == origin or (not target.userinfo and {there.host, there.authority} & trusted):
        return None
    problems = {
        "it is not an http address": there.scheme not in _PORTS,
        "it carries a user name": bool(target.userinfo),
        "its host is not written plainly": not is_plain_host(there.host),
        "it is not encrypted": origin.scheme == "https" and there.scheme != "https",
        "it is a private address, and the registry is a public one": (
            is_private(there.host) and not is_private(origin.host)
        ),
    }
    return next((problem for problem, holds in problems.items() if holds), None)


def resolved(here: httpx.URL, location: str) -> httpx.URL:
    """Return what `location` means in an answer from `here`.

    A registry behind a proxy that ends TLS often calls itself `http`: the same host is then still spoken to encrypted.

    Raises:
        ValueError: it is not a URL.
    """
    if len(location) > MAX_LOCATION:
        raise ValueError("it is not a URL of any sensible length")
    try:
        target = here.join(location)
        there = origin_of(target)
    except (httpx.InvalidURL, ValueError) as error:
        raise ValueError("it is not a URL") from error
    mine = origin_of(here)
    same_place = there.host == mine.host and there.port in (mine.port, _PORTS["http"])
    if mine.scheme == "https" and there.scheme == "http" and same_place:
        return target.copy_with(scheme="https", port=here.port)
    return target
