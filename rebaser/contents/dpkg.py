"""What dpkg's database says is installed: /var/lib/dpkg/status, and status.d of images without a package manager.

deb-control(5), dpkg-query(1).
"""

import re
from collections.abc import Iterator, Mapping

from rebaser.contents.malformed import MalformedError
from rebaser.contents.package import Demand, Operator, Package, Provision, Requirement

_MAX = 64 << 20
_MAX_PACKAGES = 100_000
_DEMAND = re.compile(
    r"\s*([A-Za-z0-9][A-Za-z0-9+.:_-]*)\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?\s*(?:\[[^]]*\])?\s*"
)
_OPERATORS: Mapping[str, Operator] = {"<<": "<", "<": "<=", "<=": "<=", "=": "=", ">=": ">=", ">": ">=", ">>": ">"}
_SOURCE = re.compile(r"(\S+)(?:\s+\((.+)\))?")
_WANTED = ("Package", "Status", "Version", "Architecture", "Source", "Depends", "Pre-Depends", "Provides")


def read_status(body: bytes) -> tuple[Package, ...]:
    """Return the installed packages; those that were removed and left configuration behind are not.

    Raises:
        MalformedError: it is too large, or not made of stanzas.
    """
    return tuple(_package(said) for said in _stanzas(body) if said.get("Status", "").split()[-1:] == ["installed"])


def read_status_d(body: bytes) -> tuple[Package, ...]:
    """Return the package that a file of status.d describes.

    Raises:
        MalformedError: it is too large, or not made of stanzas.
    """
    return tuple(_package(said) for said in _stanzas(body))


def _stanzas(body: bytes) -> Iterator[dict[str, str]]:
    if len(body) > _MAX:
        raise MalformedError(f"the list of packages has {len(body)} bytes")
    text = body.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    for count, stanza in enumerate(re.split(r"\n(?:[ \t]*\n)+", text.strip("\n"))):
        if count > _MAX_PACKAGES:
            raise MalformedError(f"the list of packages has more than {_MAX_PACKAGES}")
        said = _fields(stanza)
        if said:
            if not said.get("Package"):
                raise MalformedError("a record in the list of packages has no name")
            yield said


def _fields(stanza: str) -> dict[str, str]:
    """Return the fields that are wanted; lines that begin with a blank go on with the one before."""
    said: dict[str, str] = {}
    current = ""
    for line in stanza.split("\n"):
        if line[:1] in (" ", "\t"):
            if current:
                said[current] += f" {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        if line and not colon:
            raise MalformedError("a line in the list of packages is no field")
        current = name.title() if name.title() in _WANTED else ""
        if current:
            said[current] = value.strip()
    return said


def _package(said: Mapping[str, str]) -> Package:
    name, version = said["Package"], said.get("Version", "")
    source = _SOURCE.match(said.get("Source", ""))
    requires = (*_requirements(said.get("Pre-Depends", "")), *_requirements(said.get("Depends", "")))
    return Package(
        "deb",
        name,
        version,
        said.get("Architecture", ""),
        source[1] if source else name,
        (source[2] if source else "") or version,
        requires,
        tuple(Provision(one.name, one.version) for group in _requirements(said.get("Provides", "")) for one in group),
    )


def _requirements(text: str) -> tuple[Requirement, ...]:
    groups = (tuple(_demands(group)) for group in text.split(",") if group.strip())
    return tuple(group for group in groups if group)


def _demands(group: str) -> Iterator[Demand]:
    for one in group.split("|"):
        match = _DEMAND.fullmatch(one)
        if match:
            yield Demand(match[1].partition(":")[0], _OPERATORS[match[2]] if match[2] else "", match[3] or "")
