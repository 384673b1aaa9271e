"""What a Python environment and the packages installed in it say of themselves: pyvenv.cfg, METADATA, WHEEL."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.contents.malformed import MalformedError

_MAX_HEAD = 1024 * 1024  # bytes; the head of METADATA, whose long description follows it
_MAX_TAGS = 1000
_FIELD = re.compile(r"([A-Za-z0-9-]{1,64}):[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Pyvenv:
    """A virtual environment's pyvenv.cfg: the directory of the Python it was made with, and that Python.

    `version` is `3.11.7` as written, empty when it is not said; `executable` may be empty as well.
    """

    home: str
    version: str
    executable: str
    system_site_packages: bool


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution: its name and version, and the Pythons it says it suits (`>=3.8`, or empty)."""

    name: str
    version: str
    requires_python: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """What a wheel was built for: tags such as `cp311-abi3-linux_x86_64`; `purelib` if nothing in it is compiled."""

    tags: tuple[str, ...]
    purelib: bool


def read_pyvenv(body: bytes) -> Pyvenv:
    """Return what a pyvenv.cfg says.

    Raises:
        MalformedError: it is too large, or names no home.
    """
    _bound(body)
    pairs: dict[str, str] = {}
    for line in body.decode("utf-8", "surrogateescape").split("\n"):
        key, equals, value = line.partition("=")
        if equals:
            pairs.setdefault(key.strip().lower(), value.strip())
    if not pairs.get("home"):
        raise MalformedError("pyvenv.cfg names no home")
    version = pairs.get("version") or pairs.get("version_info", "")
    system = pairs.get("include-system-site-packages", "").lower() == "true"
    return Pyvenv(pairs["home"], version, pairs.get("executable", ""), system)


def read_metadata(body: bytes) -> Distribution:
    """Return the distribution that the METADATA of a `*.dist-info` directory, or its beginning, describes.

    Raises:
        MalformedError: it is too large, or has no Name or no Version.
    """
    fields: dict[str, str] = {}
    for key, value in _fields(body):
        fields.setdefault(key, value)
    if not fields.get("name") or not fields.get("version"):
        raise MalformedError("METADATA has no Name or no Version")
    return Distribution(fields["name"], fields["version"], fields.get("requires-python", ""))


def read_wheel(body: bytes) -> Wheel:
    """Return what the WHEEL file of a `*.dist-info` directory says.

    Raises:
        MalformedError: it is too large, or has no tags or more than anyone lists.
    """
    fields = list(_fields(body))
    tags = tuple(value for key, value in fields if key == "tag")
    if not 0 < len(tags) <= _MAX_TAGS:
        raise MalformedError(f"WHEEL has {len(tags)} tags")
    return Wheel(tags, any(key == "root-is-purelib" and value.lower() == "true" for key, value in fields))


def _fields(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the fields up to the first empty line, names in lower case; lines that go on from another are left out."""
    _bound(body)
    for line in body.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            return
        field = _FIELD.fullmatch(line.rstrip("\r"))
        if field:
            yield field[1].lower(), field[2].strip()


def _bound(body: bytes) -> None:
    if len(body) > _MAX_HEAD:
        raise MalformedError(f"it has {len(body)} bytes, more than the {_MAX_HEAD} that are read")
