"""Node.js: which one is installed, which one an add-on was built for, and what a package asks for.

An add-on that uses Node-API alone loads into every later node; one that calls V8 loads only where NODE_MODULE_VERSION
is the one it was built with.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rebaser.contents.malformed import MalformedError
from rebaser.oci.strict_json import parse

_MAX_BODY = 1024 * 1024  # bytes
_DEFINE = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+NODE_(MAJOR|MINOR|PATCH|MODULE)_VERSION[ \t]+([0-9]{1,6})\b", re.MULTILINE
)
_REGISTERS = re.compile(r"node_register_module_v([0-9]{1,6})")
_BOUND_TO_V8 = ("_ZN2v8", "_ZNK2v8", "_ZTIN2v8", "_ZTVN2v8", "_ZN4node", "_ZNK4node")

# NODE_MODULE_VERSION of each major's releases, from node's doc/abi_version_registry.json.
MODULE_VERSIONS = {
    4: 46,
    5: 47,
    6: 48,
    7: 51,
    8: 57,
    9: 59,
    10: 64,
    11: 67,
    12: 72,
    13: 79,
    14: 83,
    15: 88,
    16: 93,
    17: 102,
    18: 108,
    19: 111,
    20: 115,
    21: 120,
    22: 127,
    23: 131,
    24: 137,
    25: 141,
}


@dataclass(frozen=True, slots=True)
class NodeVersion:
    """An installed node, and the version of the interface that its add-ons are built for (NODE_MODULE_VERSION)."""

    major: int
    minor: int
    patch: int
    modules: int

    def __str__(self) -> str:
        """Return it as node's tags spell it, without the `v`."""
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class AddOn:
    """What a native add-on is bound to: `node-api` to nothing, `v8` to one NODE_MODULE_VERSION.

    `modules` is that version where the add-on names it, else 0. `none` is a library that is no add-on.
    """

    interface: Literal["node-api", "v8", "none"]
    modules: int = 0


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package: name and version, and the nodes it says it suits (`>=18`); empty where it does not say."""

    name: str
    version: str
    engine: str


def read_node_version(body: bytes) -> NodeVersion:
    """Return the version that a `node_version.h` defines.

    Raises:
        MalformedError: it is too large, or does not define all of a version.
    """
    _bound(body)
    defined = {name.decode(): int(value) for name, value in _DEFINE.findall(body)}
    try:
        major, minor, patch = (defined[part] for part in ("MAJOR", "MINOR", "PATCH"))
    except KeyError as error:
        raise MalformedError(f"it does not define NODE_{error.args[0]}_VERSION") from error
    modules = defined.get("MODULE") or MODULE_VERSIONS.get(major)
    if modules is None:
        raise MalformedError("it does not define NODE_MODULE_VERSION")
    return NodeVersion(major, minor, patch, modules)


def add_on(defined: Iterable[str], undefined: Iterable[str]) -> AddOn:
    """Return what an ELF file with these dynamic symbols is bound to."""
    registered = [int(found[1]) for found in map(_REGISTERS.fullmatch, defined) if found]
    wanted = list(undefined)
    if registered:
        return AddOn("v8", max(registered))
    if "node_module_register" in wanted or any(symbol.startswith(_BOUND_TO_V8) for symbol in wanted):
        return AddOn("v8")
    return AddOn("node-api" if any(symbol.startswith(("napi_", "node_api_")) for symbol in wanted) else "none")


def read_package_json(body: bytes) -> Package:
    """Return what a `package.json` says of the package.

    Raises:
        MalformedError: it is too large, or is not a JSON object.
    """
    try:
        said = parse(body, _MAX_BODY)
    except ValueError as error:
        raise MalformedError(f"package.json: {error}") from error
    if not isinstance(said, dict):
        raise MalformedError("package.json is not a JSON object")
    engines = said.get("engines")
    return Package(_string(said, "name"), _string(said, "version"), _string(engines, "node"))


def _string(value: object, key: str) -> str:
    said = value.get(key) if isinstance(value, dict) else None
    return said if isinstance(said, str) else ""


def _bound(body: bytes) -> None:
    if len(body) > _MAX_BODY:
        raise MalformedError(f"it has {len(body)} bytes, more than the {_MAX_BODY} that are read")
