"""Which of two versions is the newer one, as dpkg, apk and rpm order them.

deb-version(7); apk-tools' doc/apk-package.5; rpm-version(7).
"""

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Literal

Ecosystem = Literal["deb", "apk", "rpm"]
_LONGEST = 1000  # characters that are compared
_PARTS = re.compile(r"[0-9]+|[^0-9]+")
_RPM_PARTS = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")
_APK = re.compile(r"([0-9]+(?:\.[0-9]+)*)([a-z]?)((?:_[a-z]+[0-9]*)*)(?:~[0-9a-f]+)?(?:-r([0-9]+))?")
_APK_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
_APK_ORDER = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 1, "svn": 2, "git": 3, "hg": 4, "p": 5}


def compare(ecosystem: Ecosystem, left: str, right: str) -> int:
    """Return a number below, equal to or above 0, as `left` is older than, equal to or newer than `right`."""
    if left == right:
        return 0
    return _COMPARE[ecosystem](left[:_LONGEST], right[:_LONGEST])


def compare_deb(left: str, right: str) -> int:
    """Compare as dpkg does: epoch, upstream version, Debian's revision."""
    ours, theirs = _split_deb(left), _split_deb(right)
    if ours[0] != theirs[0]:
        return ours[0] - theirs[0]
    return _compare_debs(ours[1], theirs[1]) or _compare_debs(ours[2], theirs[2])


def compare_rpm(left: str, right: str) -> int:
    """Compare as rpm does: epoch, version, and release where both have one."""
    ours, theirs = _split_rpm(left), _split_rpm(right)
    if ours[0] != theirs[0]:
        return ours[0] - theirs[0]
    found = _compare_rpms(ours[1], theirs[1])
    return found or (_compare_rpms(ours[2], theirs[2]) if ours[2] and theirs[2] else 0)


def compare_apk(left: str, right: str) -> int:
    """Compare as apk does; what is no version to it is older than all that are."""
    ours, theirs = _APK.fullmatch(left), _APK.fullmatch(right)
    if ours is None or theirs is None:
        return (ours is not None) - (theirs is not None)
    return (
        _compare_numbers(ours[1], theirs[1])
        or (ours[2] > theirs[2]) - (ours[2] < theirs[2])
        or _compare_suffixes(ours[3], theirs[3])
        or int(ours[4] or 0) - int(theirs[4] or 0)
    )


def _split_deb(version: str) -> tuple[int, str, str]:
    epoch, colon, rest = version.strip().partition(":")
    if not colon or not _is_number(epoch):
        epoch, rest = "0", version.strip()
    upstream, dash, revision = rest.rpartition("-")
    return int(epoch), (upstream if dash else rest), revision if dash else ""


def _compare_debs(left: str, right: str) -> int:
    ours, theirs = _alternating(left), _alternating(right)
    for position, (mine, other) in enumerate(zip_longest(ours, theirs, fillvalue="")):
        found = int(mine or 0) - int(other or 0) if position % 2 else _compare_words(mine, other)
        if found:
            return found
    return 0


def _alternating(text: str) -> list[str]:
    """Return words and numbers in turn, a word first; either may be empty."""
    parts = _PARTS.findall(text)
    return ["", *parts] if parts and _is_number(parts[0][0]) else parts


def _compare_words(left: str, right: str) -> int:
    """A tilde comes before the end of a word, letters before all else."""
    for ours, theirs in zip_longest(left, right, fillvalue=""):
        found = _weight(ours) - _weight(theirs)
        if found:
            return found
    return 0


def _weight(character: str) -> int:
    if not character:
        return 0
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 0x110000


def _split_rpm(version: str) -> tuple[int, str, str]:
    epoch, colon, rest = version.partition(":")
    if not colon or not _is_number(epoch):
        epoch, rest = "0", version
    main, dash, release = rest.rpartition("-")
    return int(epoch), (main if dash else rest), release if dash else ""


def _compare_rpms(left: str, right: str) -> int:
    ours, theirs = _RPM_PARTS.findall(left), _RPM_PARTS.findall(right)
    for mine, other in zip_longest(ours, theirs, fillvalue=""):
        found = _compare_segments(mine, other)
        if found:
            return found
    return 0


def _compare_segments(mine: str, other: str) -> int:
    if mine == other:
        return 0
    if "~" in (mine, other):
        return -1 if mine == "~" else 1
    if "^" in (mine, other):
        return _beside_a_caret(mine, other)
    if not mine or not other:
        return 1 if mine else -1
    if _is_number(mine) and _is_number(other):
        return int(mine) - int(other)
    return (_is_number(mine) - _is_number(other)) or (mine > other) - (mine < other)


def _beside_a_caret(mine: str, other: str) -> int:
    """A caret is newer than the end of a version, and older than anything else that may follow."""
    if mine == "^":
        return -1 if other else 1
    return 1 if mine else -1


def _compare_numbers(left: str, right: str) -> int:
    for position, (mine, other) in enumerate(zip_longest(left.split("."), right.split("."))):
        if mine is None or other is None:
            return 1 if other is None else -1
        if position and (mine.startswith("0") or other.startswith("0")):
            ours, theirs = mine.rstrip("0"), other.rstrip("0")  # as a fraction
            if ours != theirs:
                return 1 if ours > theirs else -1
        elif int(mine) != int(other):
            return int(mine) - int(other)
    return 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _compare_suffixes(left: str, right: str) -> int:
    ours, theirs = _APK_SUFFIX.findall(left), _APK_SUFFIX.findall(right)
    for mine, other in zip_longest(ours, theirs, fillvalue=("", "")):
        found = _APK_ORDER.get(mine[0], 0) - _APK_ORDER.get(other[0], 0) or int(mine[1] or 0) - int(other[1] or 0)
        if found:
            return found
    return 0


_COMPARE: dict[Ecosystem, Callable[[str, str], int]] = {
    "deb": compare_deb,
    "apk": compare_apk,
    "rpm": compare_rpm,
}
