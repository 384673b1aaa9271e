"""What a registry says it wants to see before it answers: `WWW-Authenticate`, RFC 7235 section 4.1.

Read as leniently as registries write it: several challenges in one or several headers, values without quotes, commas
missing, any letter case. What cannot be understood is left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_HEADER = 16 * 1024  # characters that are looked at

_TOKEN = re.compile(
    r"""(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)
        (?:\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"?|(?P<bare>[^\s,"]*)))?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate: `scheme` and the names of `parameters` are lower-case."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """Return the challenges in `WWW-Authenticate` headers, in their order."""
    return tuple(challenge for header in headers for challenge in _challenges(header[:MAX_HEADER]))


def _challenges(header: str) -> list[Challenge]:
    found: list[tuple[str, dict[str, str]]] = []
    for match in _TOKEN.finditer(header):
        if match["quoted"] is None and match["bare"] is None:
            found.append((match["name"].lower(), {}))
        elif found:
            found[-1][1].setdefault(match["name"].lower(), _value(match))
    return [Challenge(scheme, parameters) for scheme, parameters in found]


def _value(match: re.Match[str]) -> str:
    return match["bare"] if match["quoted"] is None else re.sub(r"\\(.)", r"\1", match["quoted"])
