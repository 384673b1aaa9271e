"""One header of a tar archive: whether all readers find the same in it, and what its fields say.

POSIX.1-1988 ustar, the older form without prefix, and GNU tar's, which holds other things where ustar has the prefix.
"""

import re

from rebaser.layers.limits import UnreadableError

MODE, OWNER, GROUP, SIZE = slice(100, 108), slice(108, 116), slice(116, 124), slice(124, 136)
USTAR, GNU = b"ustar\0", b"ustar  \0"
_USUAL = re.compile(rb"(?:[0-7]{7}\0){3}(?:[0-7]{11}[\0 ]){2}")  # mode, owner, group, size, time
_TIME = slice(136, 148)
_SUM = slice(148, 156)
_NAME, _LINK, _PREFIX = slice(0, 100), slice(157, 257), slice(345, 500)
_DEVICE = slice(329, 337), slice(337, 345)
_NO_DEVICE = (bytes(16), b"0000000\0" * 2)
_STAR = b"tar\0"  # at the end of a header of star, whose prefix is shorter
_BASE_256, _NEGATIVE = 0x80, 0xFF  # the first byte of a number of that kind
_HIGHEST = (1 << 63) - 1
_HIGHEST_ID = (1 << 32) - 2  # one more stands for "leave the owner as it is"
_HIGHEST_DEVICE = ((1 << 12) - 1, (1 << 20) - 1)  # of Linux


def check(header: bytes) -> None:
    """Accept a header that all readers understand, and in one way.

    Raises:
        UnreadableError: it is another one, or none at all.
    """
    _check_sum(header)
    if header[257:263] == USTAR:
        if header[508:512] == _STAR:
            raise UnreadableError("a header is written as star does, and readers find different names in it")
    elif header[345]:
        raise UnreadableError("a header holds something that some readers take for the beginning of its name")
    if not _USUAL.match(header, 100):
        for field in (MODE, OWNER, GROUP, SIZE):
            number(header[field])
        time(header[_TIME])
    if header[329:345] not in _NO_DEVICE:
        device(header)


def path(header: bytes) -> bytes:
    """Return the name, as far as the header itself tells it.

    Raises:
        UnreadableError: it has a beginning and no end.
    """
    name = _until_nul(header[_NAME])
    prefix = _until_nul(header[_PREFIX]) if header[257:263] == USTAR else b""
    if prefix and not name:
        raise UnreadableError("a header holds the beginning of a name alone")
    return prefix + b"/" + name if prefix else name


def link(header: bytes) -> bytes:
    """Return the name of what is linked to, as far as the header itself tells it."""
    return _until_nul(header[_LINK])


def identity(field: bytes, record: bytes | None) -> int:
    """Return the number of an owner or a group, from its record where there is one.

    Raises:
        UnreadableError: no user or group can have it.
    """
    told = number(field) if record is None else int(record)
    if told > _HIGHEST_ID:
        raise UnreadableError(f"an owner or group has the number {told}")
    return told


def device(header: bytes) -> tuple[int, int]:
    """Return the two numbers of a device.

    Raises:
        UnreadableError: Linux has no such device, and engines make another of it.
    """
    major, minor = (number(header[field]) for field in _DEVICE)
    if major > _HIGHEST_DEVICE[0] or minor > _HIGHEST_DEVICE[1]:
        raise UnreadableError(f"there is no device {major}/{minor}")
    if header[257:263] != USTAR and header[257:265] != GNU and (major or minor):
        raise UnreadableError("a header of the old form has a device's numbers, which only some readers look for")
    return major, minor


def number(field: bytes) -> int:
    """Return a number in octal digits or, as GNU tar writes large ones, in base 256.

    Raises:
        UnreadableError: it is none, is negative, or is one to some readers only.
    """
    if field[0] < _BASE_256:
        return _octal(field)
    if field[0] == _NEGATIVE:
        raise UnreadableError("a header holds a negative number")
    told = int.from_bytes(field[1:], "big")
    if field[0] != _BASE_256 or told > _HIGHEST:
        raise UnreadableError("a header holds a number that only some readers understand")
    return told


def time(field: bytes) -> int:
    """Return a time in seconds since 1970, which may lie before.

    Raises:
        UnreadableError: as `number`.
    """
    if field[0] != _NEGATIVE:
        return number(field)
    told = int.from_bytes(field, "big", signed=True)
    if told < -_HIGHEST:
        raise UnreadableError("a header holds a number that only some readers understand")
    return told


def _octal(field: bytes) -> int:
    digits = field.lstrip(b" ").rstrip(b"\0 ") or b"0"
    try:
        if digits.isdigit():
            return int(digits, 8)
    except ValueError:
        pass
    raise UnreadableError("a header holds a number that is none, or it is no tar archive")


def _check_sum(header: bytes) -> None:
    field = header[_SUM]
    told, unsigned = _octal(field), sum(header) - sum(field) + 8 * ord(" ")
    if told != unsigned and told != unsigned - 256 * sum(byte > 127 for byte in header):  # noqa: PLR2004
        raise UnreadableError("a header's checksum is wrong, or it is no tar archive")


def _until_nul(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]
