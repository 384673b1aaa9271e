"""The Java that an image runs, and which one its archives and classes need."""

from collections.abc import Iterator

from rebaser.contents.java import java_home_of, read_class_version, read_release
from rebaser.contents.malformed import MalformedError
from rebaser.layers.entry import Classes, Entry
from rebaser.system.commands import which
from rebaser.system.model import System

_CLASS_TO_JAVA = 44


def java_version(system: System) -> int | None:
    """Return the feature version of the Java that JAVA_HOME or PATH leads to, else the highest one installed."""
    told = [version for place in _places(system) if (version := _version_at(system, place))]
    return told[0] if told else max(_installed(system), default=None)


def class_version(entry: Entry) -> int | None:
    """Return the version of the classes that a file holds; None where it holds none."""
    if isinstance(entry.facts, Classes):
        return entry.facts.highest
    if entry.path.endswith(".class") and entry.body is not None:
        try:
            return read_class_version(entry.body[:8]).major
        except MalformedError:
            return None
    return None


def _places(system: System) -> Iterator[str]:
    home = system.environment.get("JAVA_HOME")
    if home:
        yield home
    launcher = which(system.files, system.path, "java")
    real = system.files.real_path(launcher) if launcher else None
    if real:
        yield real.removesuffix("/java").removesuffix("/bin").removesuffix("/jre")


def _version_at(system: System, home: str) -> int:
    entry = system.files.find(f"{home}/release")
    if entry is not None and entry.whole is not None:
        try:
            return read_release(entry.whole).feature
        except MalformedError:
            return 0
    real = system.files.real_path(home)
    named = java_home_of(f"{real}/bin/java") if real else None
    return named.feature if named else 0


def _installed(system: System) -> Iterator[int]:
    for path in system.files.nodes:
        home = java_home_of(path) if path.endswith("/bin/java") else None
        if home is not None and home.feature:
            yield home.feature
