"""Where a registry may send us from where it is. Every decision on an address in a server's answer is made here."""

import httpx

from rebaser.transports.registry.origin import PORTS, Origin, is_plain_host, is_private

MAX_PORT = 65535
MAX_LOCATION = 32 * 1024  # characters; signed upload addresses have up to 8 000


def origin_of(url: httpx.URL) -> Origin:
    """Return the origin of an absolute URL.

    Raises:
        ValueError: its port cannot be one.
    """
    port = url.port or PORTS.get(url.scheme, 0)
    if port > MAX_PORT:
        raise ValueError(f"{port} is no port")
    return Origin(url.scheme, url.host.lower(), port)


def refused_target(origin: Origin, target: httpx.URL, trusted: frozenset[str] = frozenset()) -> str | None:
    """Return why a registry at `origin` may not send us to `target`; None when it may. `trusted` hosts are exempt."""
    there = origin_of(target)
    if there == origin or (not target.userinfo and {there.host, there.authority} & trusted):
        return None
    problems = {
        "it is not an http address": there.scheme not in PORTS,
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
    same_place = there.host == mine.host and there.port in (mine.port, PORTS["http"])
    if mine.scheme == "https" and there.scheme == "http" and same_place:
        return target.copy_with(scheme="https", port=here.port)
    return target
