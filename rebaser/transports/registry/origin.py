"""Whom we talk to: scheme, host and port together, and what kind of host that is."""

import ipaddress
import re
from dataclasses import dataclass

PORTS = {"http": 80, "https": 443}
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
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS.get(self.scheme) else f":{self.port}")

    @property
    def authority(self) -> str:
        """Return `host[:port]`, as people name registries."""
        return str(self).partition("://")[2]


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
