"""Merges files of stanzas, as dpkg, apt and debconf keep their databases: by what names a stanza, then by field.

deb822(5). What nobody changed keeps its bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.conflict import BothChangedError, Conflict, plain
from rebaser.mergers.keyed import Key, Rule, both_have, merge_keyed, unique_keys

MAX_BODY = 64 << 20  # bytes
MAX_STANZAS = 200_000

Fields: TypeAlias = Mapping[str, str]
"""What a field says, with the lines that go on, by its name in lower case."""


@dataclass(frozen=True)
class Stanza:
    """A stanza as it stands in the file, without the empty line behind it."""

    text: str

    @cached_property
    def fields(self) -> dict[str, str]:
        """Return the whole lines of each field, in order.

        Raises:
            MalformedError: a line belongs to no field.
        """
        found: dict[str, str] = {}
        current = ""
        for line in self.text.split("\n"):
            if line[:1] in (" ", "\t") and current:
                found[current] += f"\n{line}"
                continue
            name, colon, _ = line.partition(":")
            if not colon or not name.strip():
                raise MalformedError("a line of a stanza is no field")
            current = name.lower()
            found[current] = line
        return found

    def value(self, name: str) -> str:
        """Return what a field says, empty where there is none."""
        return self.fields.get(name.lower(), "").partition(":")[2].strip()


def read_stanzas(body: bytes, names: tuple[str, ...]) -> dict[Key, Stanza]:
    """Return the stanzas by the values of the fields that name them.

    Raises:
        MalformedError: it is too large, or a stanza has no name.
    """
    return unique_keys(_named(body, names))


def merge_stanzas(old: bytes, app: bytes, new: bytes, names: tuple[str, ...]) -> bytes | Conflict:
    """Return the merged file; `names` are the fields that tell stanzas apart.

    Raises:
        MalformedError: a file is not made of stanzas.
    """
    if app in (old, new) or new == old:
        return new if app in (old, new) else app
    was, ours, theirs = (read_stanzas(body, names) for body in (old, app, new))
    return merge_read(was, ours, theirs, both_have(merge_fields))


def merge_read(
    old: Mapping[Key, Stanza], app: Mapping[Key, Stanza], new: Mapping[Key, Stanza], rule: Rule[Key, Stanza]
) -> bytes | Conflict:
    """Return the merged file of stanzas that have been read; sorted, if both sides are."""
    merged = merge_keyed(old, app, new, rule)
    if isinstance(merged, Conflict):
        return merged
    in_order = all(list(side) == sorted(side) for side in (app, new))
    return written({key: merged[key] for key in sorted(merged)} if in_order else merged)


def written(stanzas: Mapping[Key, Stanza]) -> bytes:
    """Return stanzas as a file, each with an empty line behind it."""
    return "".join(f"{stanza.text}\n\n" for stanza in stanzas.values()).encode("utf-8", "surrogateescape")


def merge_fields(key: Key, old: Stanza | None, app: Stanza, new: Stanza) -> Stanza:
    """Return the stanza of the fields that a side changed, in the new base's order.

    Raises:
        BothChangedError: both changed a field.
    """
    was, conflicts = old.fields if old else {}, list[str]()
    merged: dict[str, str] = {}
    for name in dict.fromkeys([*new.fields, *app.fields]):
        try:
            text = plain(
                was.get(name), app.fields.get(name), new.fields.get(name), f"{' '.join(filter(None, key))}: {name}"
            )
        except BothChangedError as error:
            conflicts += error.subjects
            continue
        if text is not None:
            merged[name] = text
    if conflicts:
        raise BothChangedError(*conflicts)
    return replace(new, text="\n".join(merged.values()))


def _named(body: bytes, names: tuple[str, ...]) -> Iterator[tuple[Key, Stanza]]:
    if len(body) > MAX_BODY:
        raise MalformedError(f"the database has {len(body)} bytes")
    for count, text in enumerate(_texts(body.decode("utf-8", "surrogateescape"))):
        if count >= MAX_STANZAS:
            raise MalformedError(f"the database has more than {MAX_STANZAS} stanzas")
        stanza = Stanza(text)
        key = tuple(stanza.value(name) for name in names)
        if not key[0]:
            raise MalformedError(f"a stanza has no field {names[0]}")
        yield key, stanza


def _texts(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip(" \t"):
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)
