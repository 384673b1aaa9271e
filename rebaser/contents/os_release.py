"""Which distribution an image is: os-release(5)."""

import shlex
from dataclasses import dataclass

from rebaser.contents.malformed import MalformedError

_MAX = 64 << 10


@dataclass(frozen=True, slots=True)
class OsRelease:
    """The distribution's identifier, its version, those that it is like, and its name for people."""

    id: str = "linux"
    version_id: str = ""
    version_codename: str = ""
    id_like: tuple[str, ...] = ()
    pretty_name: str = ""


def read_os_release(body: bytes) -> OsRelease:
    """Return what the file says; lines that are no assignments say nothing.

    Raises:
        MalformedError: it is too large.
    """
    if len(body) > _MAX:
        raise MalformedError(f"os-release has {len(body)} bytes")
    said = {}
    for line in body.decode("utf-8", "surrogateescape").splitlines():
        name, equals, text = line.strip().partition("=")
        if equals and not name.startswith("#"):
            said[name] = _unquoted(text)
    return OsRelease(
        said.get("ID", "linux").lower(),
        said.get("VERSION_ID", ""),
        said.get("VERSION_CODENAME", ""),
        tuple(said.get("ID_LIKE", "").lower().split()),
        said.get("PRETTY_NAME", ""),
    )


def _unquoted(text: str) -> str:
    try:
        return "".join(shlex.split(text, comments=False)[:1])
    except ValueError:
        return text.strip("\"'")
