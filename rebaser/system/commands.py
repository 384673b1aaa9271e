"""Which file a command starts, and what that file needs to start: found as the kernel and a shell find it."""

from dataclasses import dataclass

from rebaser.contents.elf import Elf
from rebaser.contents.shebang import Shebang, read_shebang
from rebaser.layers.entry import Entry
from rebaser.layers.filesystem import FileSystem

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MAX_SCRIPTS = 5  # a script whose interpreter is a script, and so on: Linux gives up after four


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a command from starting: the command or interpreter that is not there, and who wants it."""

    wanted: str
    by: str
    why: str


def which(files: FileSystem, path: str, name: str, directory: str = "/") -> str | None:
    """Return the path of the file that a command names; None where there is none that may be executed.

    `path` is the search path, `directory` the working directory.
    """
    if "/" in name:
        place = name if name.startswith("/") else f"{directory}/{name}"
        return _executable(files, place)
    for prefix in (path or DEFAULT_PATH).split(":"):
        place = f"{prefix or directory}/{name}"
        found = _executable(files, place if place.startswith("/") else f"{directory}/{place}")
        if found is not None:
            return found
    return None


def start(files: FileSystem, path: str, name: str, directory: str = "/") -> tuple[Entry, ...] | Missing:
    """Return the files that a command starts with, script first and program last; or what is missing for it."""
    chain: list[Entry] = []
    wanted, by = name, "the command"
    for _ in range(_MAX_SCRIPTS):
        found = which(files, path, wanted, directory)
        if found is None:
            return Missing(wanted, by, _why(files, wanted, directory))
        entry = files.find(found)
        if entry is None:
            return Missing(wanted, by, "it is not there")
        chain.append(entry)
        shebang = shebang_of(entry)
        if shebang is not None:
            missing = _env_itself(files, shebang)
            if missing:
                return Missing(missing, f"/{entry.path}", "it is not there")
            wanted, by = shebang.program, f"/{entry.path}"
            continue
        if isinstance(entry.facts, Elf) and entry.facts.interpreter:
            loader = files.find(entry.facts.interpreter)
            if loader is None or not loader.is_executable:
                return Missing(entry.facts.interpreter, f"/{entry.path}", "the loader of the program is not there")
        return tuple(chain)
    return Missing(name, "the command", "its interpreters are scripts without an end")


def shebang_of(entry: Entry) -> Shebang | None:
    """Return the first line of a script; None for what is none."""
    if entry.body is None or not entry.body.startswith(b"#!"):
        return None
    return read_shebang(entry.body[:256])


def _env_itself(files: FileSystem, shebang: Shebang) -> str:
    """Return the interpreter of the line itself, `/usr/bin/env`, if that is missing."""
    entry = files.find(shebang.interpreter)
    return "" if entry is not None and entry.is_executable else shebang.interpreter


def _executable(files: FileSystem, place: str) -> str | None:
    entry = files.find(place)
    return place if entry is not None and entry.is_executable else None


def _why(files: FileSystem, name: str, directory: str) -> str:
    if "/" not in name:
        return "it is in no directory of PATH"
    place = name if name.startswith("/") else f"{directory}/{name}"
    if place.strip("/") in files and files.find(place) is None:
        return "it is a link to what is not there"
    entry = files.find(place)
    if entry is None:
        return "it is not there"
    return f"it is a {entry.kind}" if entry.kind != "file" else "nobody may execute it"
