"""Libraries that are loaded by name while a program runs: modules that look names up (NSS) or let people in (PAM)."""

import re
from dataclasses import dataclass

from rebaser.contents.malformed import MalformedError

_MAX_BODY = 1024 * 1024  # bytes
_ACTIONS = re.compile(r"\[[^]]{0,1000}\]")
_SERVICE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PAM_LINE = re.compile(r"(-?)(auth|account|password|session)\s+(\[[^]]{0,4000}\]|\S+)\s+(\S+)", re.IGNORECASE)
_PAM_INCLUDE = re.compile(r"@include\s+(\S+)")
_OTHER_SERVICE = ("include", "substack")

# Part of glibc itself since 2.34: no module has to be there for them.
BUILT_INTO_GLIBC = frozenset(["files", "dns"])


@dataclass(frozen=True, slots=True)
class NameService:
    """A service that one database of nsswitch.conf asks (`passwd`, `sss`)."""

    database: str
    service: str

    @property
    def module(self) -> str:
        """The library that glibc loads for it."""
        return f"libnss_{self.service}.so.2"


@dataclass(frozen=True, slots=True)
class PamModule:
    """A module that a PAM service loads: a file name, or a path; `may_be_missing` if its line begins with a dash."""

    kind: str
    name: str
    may_be_missing: bool


@dataclass(frozen=True, slots=True)
class PamService:
    """What a file of /etc/pam.d asks for: modules, and other such files."""

    modules: tuple[PamModule, ...]
    includes: tuple[str, ...]


def read_nsswitch(body: bytes) -> tuple[NameService, ...]:
    """Return the services that an nsswitch.conf names, each once per database, in their order.

    Raises:
        MalformedError: it is larger than any such file.
    """
    services: dict[NameService, None] = {}
    for line in _lines(body):
        database, colon, rest = line.partition(":")
        for service in _ACTIONS.sub(" ", rest).split() if colon else ():
            if _SERVICE.fullmatch(service):
                services[NameService(database.strip(), service)] = None
    return tuple(services)


def read_pam_service(body: bytes) -> PamService:
    """Return what a file of /etc/pam.d asks for.

    Raises:
        MalformedError: it is larger than any such file.
    """
    modules, includes = [], []
    for line in _lines(body.replace(b"\\\n", b" ")):
        included, asked = _PAM_INCLUDE.match(line), _PAM_LINE.match(line)
        if included:
            includes.append(included[1])
        elif asked and asked[3].lower() in _OTHER_SERVICE:
            includes.append(asked[4])
        elif asked:
            modules.append(PamModule(asked[2].lower(), asked[4], may_be_missing=bool(asked[1])))
    return PamService(tuple(modules), tuple(includes))


def _lines(body: bytes) -> list[str]:
    """Return the lines without comments and blanks at both ends."""
    if len(body) > _MAX_BODY:
        raise MalformedError(f"it has {len(body)} bytes, more than the {_MAX_BODY} that are read")
    return [line.partition("#")[0].strip() for line in body.decode("utf-8", "surrogateescape").split("\n")]
