"""Answers what is wrong with what a test found: pure functions from an expectation and a fact to words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rebaser.oci.strict_json import Json, JsonObject
from rebaser.trial.patterns import found
from rebaser.trial.structure import CommandTest, Expected, FileContentTest, FileExistenceTest, MetadataTest, Variable

_BITS = {"owner": 0o100, "group": 0o010, "other": 0o001, "any": 0o111}
_NAME = re.compile(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said: its exit code, and the text of both its streams."""

    exit_code: int
    out: str
    error: str


@dataclass(frozen=True, slots=True)
class File:
    """What stands at a path. `kind` are Go's letters for it, empty for a plain file; `mode` the twelve bits."""

    kind: str
    mode: int
    uid: int
    gid: int
    link: str = ""

    @property
    def permissions(self) -> str:
        """Return them as Go writes a file's mode, and so container-structure-test: `-rwxr-xr-x`, `dtrwxrwxrwx`."""
        special = "".join(letter for letter, bit in (("u", 0o4000), ("g", 0o2000), ("t", 0o1000)) if self.mode & bit)
        bits = "".join(letter if self.mode >> (8 - at) & 1 else "-" for at, letter in enumerate("rwxrwxrwx"))
        return (self.kind + special or "-") + bits


def of_command(test: CommandTest, said: Said) -> Iterator[str]:
    """Yield what is wrong with what a command said."""
    if said.exit_code != test.exit_code:
        yield f"it ended with {said.exit_code}, not {test.exit_code}"
    yield from _matched("its output", said.out, test.expected_output, test.excluded_output)
    yield from _matched("its error output", said.error, test.expected_error, test.excluded_error)


def of_file(test: FileExistenceTest, file: File | None) -> Iterator[str]:
    """Yield what is wrong with what stands at a path."""
    if (file is not None) != test.should_exist:
        yield f"{test.path} is not there" if test.should_exist else f"{test.path} is there"
    elif file is not None:
        if test.permissions and test.permissions != file.permissions:
            yield f"{test.path} has the mode {file.permissions}, not {test.permissions}"
        for word, wanted, there in (("user", test.uid, file.uid), ("group", test.gid, file.gid)):
            if wanted not in (None, there):
                yield f"{test.path} belongs to {word} {there}, not {wanted}"
        if test.is_executable_by and not file.mode & _BITS[test.is_executable_by]:
            yield f"{test.path} is not executable by {test.is_executable_by}"


def of_content(test: FileContentTest, content: str) -> Iterator[str]:
    """Yield what is wrong with what a file holds."""
    yield from _matched(test.path, content, test.expected_contents, test.excluded_contents)


def of_metadata(test: MetadataTest, settings: JsonObject) -> Iterator[str]:
    """Yield what is wrong with the settings of a config."""
    environment, labels = variables(_list(settings.get("Env"))), _texts(settings.get("Labels"))
    yield from _expected("the variable", test.env_vars, environment)
    yield from (f"the variable {one.key} is set" for one in test.unbound_env_vars if one.key in environment)
    yield from _expected("the label", test.labels, labels)
    ports, volumes = _keys(settings.get("ExposedPorts")), _keys(settings.get("Volumes"))
    yield from (f"the port {one} is not exposed" for one in test.exposed_ports if not _exposed(one, ports))
    yield from (f"the port {one} is exposed" for one in test.unexposed_ports if _exposed(one, ports))
    yield from (f"{one} is no volume" for one in test.volumes if one not in volumes)
    yield from (f"{one} is a volume" for one in test.unmounted_volumes if one in volumes)
    for word, wanted in (("Entrypoint", test.entrypoint), ("Cmd", test.cmd)):
        there = tuple(_list(settings.get(word)))
        if wanted not in (None, there):
            yield f"{word} is {list(there)}, not {list(wanted or ())}"
    for word, text in (("WorkingDir", test.workdir), ("User", test.user)):
        if text and settings.get(word) != text:
            yield f"{word} is {settings.get(word) or ''!r}, not {text!r}"


def set_variables(given: Sequence[Variable], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return variables as `NAME=value`; `$NAME` in a value is what was set before, by the image or in the list."""
    known = dict(environment)
    for one in given:
        known[one.key] = _NAME.sub(lambda match: known.get(match[1] or match[2], ""), one.value)
    return tuple(f"{name}={known[name]}" for name in dict.fromkeys(one.key for one in given))


def variables(entries: Iterable[str]) -> dict[str, str]:
    """Return the environment that lines of `NAME=value` are."""
    split = (entry.partition("=") for entry in entries)
    return {name: value for name, _, value in split}


def _matched(what: str, text: str, expected: Iterable[str], excluded: Iterable[str]) -> Iterator[str]:
    for patterns, wanted, words in ((expected, True, "does not match"), (excluded, False, "matches")):
        for pattern in patterns:
            try:
                if found(pattern, text) is not wanted:
                    yield f"{what} {words} {pattern!r}"
            except ValueError as error:
                yield f"{what}: {error}"


def _expected(what: str, wanted: Iterable[Expected], there: Mapping[str, str]) -> Iterator[str]:
    for one in wanted:
        if one.key not in there:
            yield f"{what} {one.key} is not set"
        elif one.is_regex:
            yield from _matched(f"{what} {one.key}", there[one.key], (one.value,), ())
        elif one.value != there[one.key]:
            yield f"{what} {one.key} is {there[one.key]!r}, not {one.value!r}"


def _exposed(port: str, ports: Iterable[str]) -> bool:
    """Answer whether a port is exposed; one without a protocol is TCP's."""
    return any(port in (there, there.removesuffix("/tcp")) for there in ports)


def _list(value: Json) -> list[str]:
    return [str(member) for member in value] if isinstance(value, list) else []


def _keys(value: Json) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _texts(value: Json) -> dict[str, str]:
    return {key: str(text) for key, text in value.items()} if isinstance(value, dict) else {}
