"""Merges dpkg's database: which packages are there, and what is diverted or has its own owner and mode.

dpkg(1), dpkg-divert(1), dpkg-statoverride(1); /var/lib/dpkg of a Debian system.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.conflict import BothChangedError, Conflict
from rebaser.mergers.keyed import Key, Side, both_have, decided, merge_keyed, unique_keys
from rebaser.mergers.stanzas import Stanza, merge_fields, merge_read, merge_stanzas, read_stanzas

_OVERRIDE = 4  # words of a line: user, group, mode, path
PACKAGE = ("Package", "Architecture")
MAX_LINES = 200_000

_Read: TypeAlias = Callable[[bytes], Iterator[tuple[Key, str]]]
Settled: TypeAlias = Mapping[Key, Side]
"""Packages that both sides changed, by name and architecture, and whose stanza is right."""


def merge_status(old: bytes, app: bytes, new: bytes, settled: Settled | None = None) -> bytes | Conflict:
    """Return the merged list of packages; one that both sides changed must be `settled`, or agree by field.

    Raises:
        MalformedError: a file is not made of stanzas.
    """
    if app in (old, new) or new == old:
        return new if app in (old, new) else app
    was, ours, theirs = (read_stanzas(body, PACKAGE) for body in (old, app, new))
    for key, side in (settled or {}).items():
        if side == "app" and key in ours:
            ours[key] = _updated_from(ours[key], was.get(key), theirs.get(key))
    return merge_read(was, ours, theirs, decided(settled or {}, both_have(_by_version)))


def merge_states(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the merged /var/lib/apt/extended_states.

    Raises:
        MalformedError: a file is not made of stanzas.
    """
    return merge_stanzas(old, app, new, PACKAGE)


def merge_questions(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the merged database of debconf.

    Raises:
        MalformedError: a file is not made of stanzas.
    """
    return merge_stanzas(old, app, new, ("Name",))


def merge_diversions(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the merged list of diverted paths: three lines each, the path, where it goes, and for whom.

    Raises:
        MalformedError: a file's lines are no multiple of three.
    """
    return _merge_units(old, app, new, _diversions)


def merge_overrides(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the merged list of paths with an owner and mode of their own: user, group, mode, path.

    Raises:
        MalformedError: a line has another form.
    """
    return _merge_units(old, app, new, _overrides)


def _updated_from(ours: Stanza, was: Stanza | None, theirs: Stanza | None) -> Stanza:
    """A package in the middle of an update names the version that it had: with the new base, that one's."""
    before = ours.fields.get("config-version", "")
    if was is None or theirs is None or not before or ours.value("Config-Version") != was.value("Version"):
        return ours
    return Stanza(ours.text.replace(before, f"Config-Version: {theirs.value('Version')}", 1))


def _by_version(key: Key, old: Stanza | None, app: Stanza, new: Stanza) -> Stanza:
    """Merge the fields of one version; two versions are for somebody who sees the files."""
    before = old.value("Version") if old else ""
    if app.value("Version") not in (before, new.value("Version")):
        raise BothChangedError(f"{' '.join(filter(None, key))}: version")
    return merge_fields(key, old, app, new)


def _merge_units(old: bytes, app: bytes, new: bytes, read: _Read) -> bytes | Conflict:
    if app in (old, new) or new == old:
        return new if app in (old, new) else app
    was, ours, theirs = (unique_keys(read(body)) for body in (old, app, new))
    merged = merge_keyed(was, ours, theirs, both_have(_refuse))
    if isinstance(merged, Conflict):
        return merged
    return "".join(f"{text}\n" for text in merged.values()).encode("utf-8", "surrogateescape")


def _refuse(key: Key, _old: str | None, _app: str, _new: str) -> str:
    raise BothChangedError(" ".join(key))


def _diversions(body: bytes) -> Iterator[tuple[Key, str]]:
    lines = _lines(body)
    if len(lines) % 3:
        raise MalformedError("the list of diversions is cut off")
    for at in range(0, len(lines), 3):
        yield (lines[at],), "\n".join(lines[at : at + 3])


def _overrides(body: bytes) -> Iterator[tuple[Key, str]]:
    for line in _lines(body):
        words = line.split(" ", 3)
        if len(words) != _OVERRIDE:
            raise MalformedError("a line of the list of owners and modes has another form")
        yield (words[3],), line


def _lines(body: bytes) -> list[str]:
    lines = body.decode("utf-8", "surrogateescape").split("\n")
    if len(lines) > MAX_LINES:
        raise MalformedError(f"the list has more than {MAX_LINES} lines")
    return [line for line in lines if line]
