"""What apk's database says is installed: lib/apk/db/installed. apk-package(5)."""

import re
from collections.abc import Iterator

from rebaser.contents.malformed import MalformedError
from rebaser.contents.package import Demand, Operator, Package, Provision, Requirement

_MAX = 64 << 20
_DEMAND = re.compile(r"(!?)([^\s<>=~]+)(?:(<=|>=|<|>|=|~=|=~|~)([^\s]+))?")
_OPERATORS: dict[str, Operator] = {
    "<": "<",
    "<=": "<=",
    "=": "=",
    ">=": ">=",
    ">": ">",
    "~": ">=",
    "=~": ">=",
    "~=": ">=",
}


def read_installed(body: bytes) -> tuple[Package, ...]:
    """Return the installed packages.

    Raises:
        MalformedError: it is too large, or not made of records.
    """
    if len(body) > _MAX:
        raise MalformedError(f"the list of packages has {len(body)} bytes")
    return tuple(_packages(body.decode("utf-8", "surrogateescape")))


def _packages(text: str) -> Iterator[Package]:
    said: dict[str, str] = {}
    for line in (*text.split("\n"), ""):
        if line:
            if line[1:2] != ":":
                raise MalformedError("a line in the list of packages is no field")
            said.setdefault(line[0], line[2:])
        elif said:
            if "P" not in said:
                raise MalformedError("a record in the list of packages has no name")
            yield _package(said)
            said = {}


def _package(said: dict[str, str]) -> Package:
    demands = tuple((demand,) for demand in _demands(said.get("D", "")))
    return Package(
        "apk",
        said["P"],
        said.get("V", ""),
        said.get("A", ""),
        said.get("o", said["P"]),
        said.get("V", ""),
        tuple[Requirement, ...](demands),
        tuple(Provision(one.name, one.version) for one in _demands(said.get("p", ""))),
    )


def _demands(text: str) -> Iterator[Demand]:
    for word in text.split():
        match = _DEMAND.fullmatch(word)
        if match:
            operator: Operator = "!" if match[1] else _OPERATORS[match[3]] if match[3] else ""
            yield Demand(match[2], operator, match[4] or "")
