"""Which programs can stand behind one name, where both sides installed some? update-alternatives(1) of dpkg.

A file of /var/lib/dpkg/alternatives has the mode, the link, names and links of slaves, a blank line; then for each
choice its path, its priority and a path for each slave, which may be blank; and a blank line.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.conflict import BothChangedError, Conflict, Value, conflict, plain

_MAX = 1 << 20  # bytes
_MAX_PATHS = 100_000  # of slaves, blank ones as well
_PRIORITY = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_NO_PRIORITY = 1 << 31  # above them all

Mode: TypeAlias = Literal["auto", "manual"]
_MODES: Mapping[str, Mode] = {"auto": "auto", "manual": "manual"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What can stand behind the name: its priority, and the paths of those slaves that it has, by name."""

    priority: int
    slaves: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A name for which there are choices, by path: who chooses, the link that people use, those of slaves by name."""

    mode: Mode
    link: str
    slaves: Mapping[str, str]
    choices: Mapping[str, Choice]


_NONE = Alternative("auto", "", {}, {})


def read_alternative(body: bytes) -> Alternative:
    """Return what the file says.

    Raises:
        MalformedError: dpkg would not take it, or it is larger than 1 MiB.
    """
    if len(body) > _MAX:
        raise MalformedError(f"the alternative has {len(body)} bytes")
    lines = iter(body.decode("utf-8", "surrogateescape").split("\n")[:-1])
    mode, link = _MODES.get(_line(lines)), _line(lines)
    if mode is None or not link:
        raise MalformedError("an alternative begins with its mode and its link")
    slaves: dict[str, str] = {}
    for name in iter(lambda: _line(lines), ""):
        _add(slaves, name, _line(lines))
    if len({link, *slaves.values()}) <= len(slaves):
        raise MalformedError("an alternative has one link for two names")
    choices: dict[str, Choice] = {}
    for path in iter(lambda: _line(lines), ""):
        priority = _priority(_line(lines))
        paths = {name: _line(lines) for name in slaves}
        _add(choices, path, Choice(priority, {name: path for name, path in paths.items() if path}))
    return Alternative(mode, link, slaves, choices)


def _line(lines: Iterator[str]) -> str:
    line = next(lines, None)
    if line is None:
        raise MalformedError("the alternative is cut off")
    return line


def _add(named: dict[str, Value], name: str, value: Value) -> None:
    if name in named:
        raise MalformedError(f"the alternative has {name} twice")
    named[name] = value


def _priority(text: str) -> int:
    if not _PRIORITY.fullmatch(text) or not -_NO_PRIORITY <= int(text) < _NO_PRIORITY:
        raise MalformedError("a choice has a priority that is no number")
    return int(text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def write_alternative(alternative: Alternative) -> bytes:
    """Return the file as dpkg writes it: slaves and choices sorted, without slaves that no choice has."""
    used = {name for choice in alternative.choices.values() for name in choice.slaves}
    slaves = [name for name in sorted(alternative.slaves, key=_bytes) if name in used]
    lines = [alternative.mode, alternative.link]
    lines += [line for name in slaves for line in (name, alternative.slaves[name])]
    lines.append("")
    for path in sorted(alternative.choices, key=_bytes):
        choice = alternative.choices[path]
        lines += [path, str(choice.priority), *(choice.slaves.get(name, "") for name in slaves)]
    return b"".join(_bytes(line) + b"\n" for line in (*lines, ""))


def links(alternative: Alternative, name: str, current: str | None) -> Mapping[str, str]:
    """Return where the links of /etc/alternatives lead, by their names: `name`, and the slaves that the choice has.

    `current` is where the link leads now, if anywhere. In manual mode it stays there if that is a choice; else it leads
    to the choice of the highest priority: of several, the current one, or the first.
    """
    if not alternative.choices:
        return {}
    is_chosen = alternative.mode == "manual"
    chosen = max(
        alternative.choices,
        key=lambda path: (is_chosen and path == current, alternative.choices[path].priority, path == current),
    )
    return {name: chosen, **alternative.choices[chosen].slaves}


def merge_alternative(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the alternative with the choices of both; empty if none is left, which is when dpkg removes the file.

    A choice of one side brings its slaves along. Conflicts are named `mode`, `link`, by a choice's path, by
    `path: priority` and `path: slave`, and by a slave's name for its link.

    Raises:
        MalformedError: both sides changed it, and dpkg would not take one, or one is larger than 1 MiB.
    """
    if app in (old, new):
        return new
    if new == old:
        return app
    before = read_alternative(old) if old else _NONE
    ours, theirs = (read_alternative(body) if body else replace(before, slaves={}, choices={}) for body in (app, new))
    clashes: list[str] = []
    link = _settled(clashes, "link", before.link, ours.link, theirs.link)
    mode = _settled(clashes, "mode", before.mode, ours.mode, theirs.mode)
    choices = {path: _choice(clashes, path, before, ours, theirs) for path in {**theirs.choices, **ours.choices}}
    merged = Alternative(mode, link, {}, {path: choice for path, choice in choices.items() if choice})
    slaves = {} if clashes else _slaves(clashes, merged, before, ours, theirs)
    if clashes:
        return conflict(clashes)
    if len(merged.choices) * len(slaves) > _MAX_PATHS:
        raise MalformedError(f"the alternative has {len(merged.choices)} choices with {len(slaves)} slaves each")
    return write_alternative(replace(merged, slaves=slaves)) if merged.choices else b""


def _settled(clashes: list[str], subject: str, old: Value, app: Value, new: Value) -> Value:
    """Return what the three come to; if that is a conflict, any of them, and `clashes` has the subject."""
    try:
        return plain(old, app, new, subject)
    except BothChangedError as error:
        clashes += error.subjects
        return app


def _choice(clashes: list[str], path: str, *versions: Alternative) -> Choice | None:
    old, app, new = (version.choices.get(path) for version in versions)
    if app is None or new is None:
        return _settled(clashes, path, old, app, new)
    before = old.priority if old else _NO_PRIORITY
    priority = _settled(clashes, f"{path}: priority", before, app.priority, new.priority)
    slaves = {}
    for name in {**app.slaves, **new.slaves}:
        paths = (choice.slaves.get(name) if choice else None for choice in (old, app, new))
        slaves[name] = _settled(clashes, f"{path}: {name}", *paths)
    return Choice(priority, {name: path for name, path in slaves.items() if path})


def _slaves(clashes: list[str], merged: Alternative, *versions: Alternative) -> dict[str, str]:
    """Return the links of the slaves that the choices have; a link can be that of one name only."""
    slaves: dict[str, str] = {}
    for name in {name for choice in merged.choices.values() for name in choice.slaves}:
        old, app, new = (version.slaves.get(name, "") for version in versions)
        slaves[name] = _settled(clashes, name, old, app, new) if app and new else app or new
    names = Counter([merged.link, *slaves.values()])
    clashes += [name for name, link in slaves.items() if names[link] > 1]
    return slaves
