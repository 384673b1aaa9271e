"""Users and groups: passwd(5), group(5) and their shadows. Lines that no C library understands are passed over."""

from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.contents.malformed import MalformedError

_MAX = 16 << 20
_LARGEST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Account:
    """A user."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group, and the names of those who are in it beside those whose own group it is."""

    name: str
    gid: int
    members: tuple[str, ...]


def read_passwd(body: bytes) -> tuple[Account, ...]:
    """Return the users, in the file's order.

    Raises:
        MalformedError: it is too large.
    """
    return tuple(
        Account(fields[0], int(fields[2]), int(fields[3]), fields[5], fields[6])
        for fields in _lines(body, 7)
        if _is_id(fields[2]) and _is_id(fields[3])
    )


def read_group(body: bytes) -> tuple[Group, ...]:
    """Return the groups, in the file's order.

    Raises:
        MalformedError: it is too large.
    """
    return tuple(
        Group(fields[0], int(fields[2]), tuple(filter(None, fields[3].split(","))))
        for fields in _lines(body, 4)
        if _is_id(fields[2])
    )


def read_names(body: bytes) -> tuple[str, ...]:
    """Return who has a line in shadow, gshadow, subuid or subgid.

    Raises:
        MalformedError: it is too large.
    """
    return tuple(dict.fromkeys(fields[0] for fields in _lines(body, 2)))


def _lines(body: bytes, count: int) -> Iterator[list[str]]:
    if len(body) > _MAX:
        raise MalformedError(f"the list of accounts has {len(body)} bytes")
    for line in body.decode("utf-8", "surrogateescape").split("\n"):
        fields = line.split(":")
        if len(fields) >= count and fields[0] and fields[0][0] not in "#+-":
            yield fields


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _LARGEST  # noqa: PLR2004
