"""Merges the lists of accounts by name: passwd(5), group(5), their shadows, subuid(5) and subgid(5).

What nobody changed keeps its bytes; lines that no C library understands are things of their own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.conflict import BothChangedError, Conflict, Merger, conflict, plain
from rebaser.mergers.keyed import Key, both_have, merge_keyed, unique_keys

_DIGITS = 10  # of a number of 32 bits
MAX_BODY = 16 << 20  # bytes
MAX_LINES = 500_000


@dataclass(frozen=True, slots=True)
class _Form:
    """A file's fields by name, which of them are lists, and which hold a number that only one account may have."""

    fields: tuple[str, ...]
    lists: frozenset[str] = frozenset()
    number: str = ""


_PASSWD = _Form(("name", "password", "uid", "gid", "comment", "home", "shell"), number="uid")
_GROUP = _Form(("name", "password", "gid", "members"), frozenset({"members"}), "gid")
_SHADOW = _Form(("name", "password", "changed", "least", "most", "warn", "inactive", "expires", "reserved"))
_GSHADOW = _Form(("name", "password", "administrators", "members"), frozenset({"administrators", "members"}))
_FIRST_IDS, _COUNT = 1, 2  # the fields of a range


def _merge(form: _Form, old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the merged list.

    Raises:
        MalformedError: a file is too large.
    """
    if app in (old, new) or new == old:
        return new if app in (old, new) else app
    sides = [unique_keys(_named(body, form)) for body in (old, app, new)]
    merged = merge_keyed(sides[0], sides[1], sides[2], both_have(partial(_fields, form)))
    if isinstance(merged, Conflict):
        return merged
    collisions = _shared_numbers(form, merged) - _shared_numbers(form, sides[1]) - _shared_numbers(form, sides[2])
    return conflict(collisions) if collisions else _written(merged.values())


merge_passwd: Merger = partial(_merge, _PASSWD)
merge_group: Merger = partial(_merge, _GROUP)
merge_shadow: Merger = partial(_merge, _SHADOW)
merge_gshadow: Merger = partial(_merge, _GSHADOW)


def merge_ranges(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the merged /etc/subuid or /etc/subgid; ranges that overlap only when put together are a conflict.

    Raises:
        MalformedError: a file is too large.
    """
    if app in (old, new) or new == old:
        return new if app in (old, new) else app
    sides = [unique_keys(((line,), line) for line in _lines(body)) for body in (old, app, new)]
    merged = merge_keyed(sides[0], sides[1], sides[2], both_have(_same))
    if isinstance(merged, Conflict):
        return merged
    overlaps = _overlaps(merged.values()) - _overlaps(sides[1].values()) - _overlaps(sides[2].values())
    return conflict(overlaps) if overlaps else _written(merged.values())


def _named(body: bytes, form: _Form) -> Iterator[tuple[Key, str]]:
    for line in _lines(body):
        fields = line.split(":")
        named = len(fields) == len(form.fields) and fields[0] and fields[0][0] not in "#+-"
        yield (fields[0],) if named else ("", line), line


def _fields(form: _Form, key: Key, old: str | None, app: str, new: str) -> str:
    """Merge an account's line by field. Both lists of a list's members are kept, less what a side took away."""
    before = old.split(":") if old is not None else [""] * len(form.fields)
    merged, conflicts = [], list[str]()
    for name, was, ours, theirs in zip(form.fields, before, app.split(":"), new.split(":"), strict=False):
        combine: Callable[[str, str, str, str], str] = _members if name in form.lists else plain
        try:
            merged.append(combine(was, ours, theirs, f"{key[0]}: {name}"))
        except BothChangedError as error:
            conflicts += error.subjects
    if conflicts:
        raise BothChangedError(*conflicts)
    return ":".join(merged)


def _members(old: str, app: str, new: str, _subject: str) -> str:
    was, ours, theirs = (list(filter(None, side.split(","))) for side in (old, app, new))
    kept = [name for name in theirs if name in ours or name not in was]
    return ",".join([*kept, *(name for name in ours if name not in was and name not in kept)])


def _same(_key: Key, _old: str | None, app: str, _new: str) -> str:
    return app


def _shared_numbers(form: _Form, accounts: Mapping[Key, str]) -> set[str]:
    """Return what to call each pair of accounts that have one number."""
    if not form.number:
        return set()
    at, holders = form.fields.index(form.number), dict[str, list[str]]()
    for key, line in accounts.items():
        if key[0]:
            holders.setdefault(line.split(":")[at], []).append(key[0])
    return {
        f"{form.number} {number}: {', '.join(pair)}"
        for number, names in holders.items()
        for pair in pairwise(sorted(names))
    }


def _overlaps(lines: Iterable[str]) -> set[str]:
    ranges = sorted(filter(None, map(_range, lines)))
    return {
        f"{lower[2]} and {upper[2]}: overlapping ranges"
        for lower, upper in pairwise(ranges)
        if lower[0] + lower[1] > upper[0] and lower[2] != upper[2]
    }


def _range(line: str) -> tuple[int, int, str] | None:
    fields = line.split(":")
    numbers = fields[_FIRST_IDS:]
    if len(numbers) != _COUNT or not all(one.isascii() and one.isdigit() and len(one) <= _DIGITS for one in numbers):
        return None
    return int(numbers[0]), int(numbers[1]), fields[0]


def _lines(body: bytes) -> list[str]:
    if len(body) > MAX_BODY:
        raise MalformedError(f"the list of accounts has {len(body)} bytes")
    lines = body.decode("utf-8", "surrogateescape").split("\n")
    if len(lines) > MAX_LINES:
        raise MalformedError(f"the list of accounts has more than {MAX_LINES} lines")
    return lines[:-1] if lines[-1] == "" else lines


def _written(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
