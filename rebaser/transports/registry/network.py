"""What of the surroundings decides how registries are spoken to: one value, made at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network

from rebaser import __version__
from rebaser.transports.registry.credentials import Credentials
from rebaser.transports.registry.origin import Origin, address, api_host, is_loopback


@dataclass(frozen=True, slots=True)
class Proxies:
    """Where requests go through. `direct` are the hosts that are spoken to without one, as in NO_PROXY."""

    http: str | None = field(default=None, repr=False)  # may hold a password
    https: str | None = field(default=None, repr=False)
    direct: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Network:
    """Credentials, trust and patience."""

    credentials: Credentials = field(default_factory=Credentials)
    insecure_registries: frozenset[str] = frozenset()
    ca_file: str | None = None
    proxies: Proxies = field(default_factory=Proxies)
    connect_timeout: float = 15.0  # seconds
    read_timeout: float = 60.0  # seconds without a byte
    user_agent: str = f"rebaser/{__version__}"


def proxies_from(environment: Mapping[str, str]) -> Proxies:
    """Return the proxies that an environment names. `HTTP_PROXY` in capitals is not one of them where a CGI runs."""

    def value(name: str) -> str | None:
        return environment.get(name.lower()) or environment.get(name) or None

    everything = value("ALL_PROXY")
    http = environment.get("http_proxy") or (None if "REQUEST_METHOD" in environment else environment.get("HTTP_PROXY"))
    direct = tuple(part.strip() for part in (value("NO_PROXY") or "").split(",") if part.strip())
    return Proxies(_with_scheme(http or everything), _with_scheme(value("HTTPS_PROXY") or everything), direct)


def goes_direct(host: str, port: int, direct: tuple[str, ...]) -> bool:
    """Answer whether `host` is spoken to without a proxy: this machine, or by name, suffix, address or network."""
    return is_loopback(host) or any(_covers(entry.lower(), host, port) for entry in direct)


def expected_origin(registry: str, network: Network) -> Origin:
    """Return where `registry` is spoken to: in clear only if it is this machine or named as insecure."""
    host, port = _split(api_host(registry))
    clear = is_loopback(host) or registry in network.insecure_registries or host in network.insecure_registries
    scheme = "http" if clear and port != 443 else "https"  # noqa: PLR2004
    return Origin(scheme, host, port or (80 if scheme == "http" else 443))


def _split(authority: str) -> tuple[str, int]:
    head, colon, port = authority.rpartition(":")
    if colon and port.isdigit() and not head.endswith(":"):
        return head.strip("[]").lower(), int(port)
    return authority.strip("[]").lower(), 0


def _with_scheme(proxy: str | None) -> str | None:
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def _covers(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return _in_network(entry, host)
    name, wanted_port = _split(entry)
    name = name.removeprefix("*").removeprefix(".")
    return wanted_port in (0, port) and (host == name or host.endswith(f".{name}"))


def _in_network(entry: str, host: str) -> bool:

    found = address(host)
    try:
        return found is not None and found in ip_network(entry, strict=False)
    except ValueError:
        return False
