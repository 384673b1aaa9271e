"""Java: which one is installed where, and which one classes need.

A class file's major version is 44 more than the Java that reads it (JVMS 4.1). A CDS archive (`.jsa`) suits only the
very build of the virtual machine that wrote it.
"""

import re
from dataclasses import dataclass
from typing import Literal

from rebaser.contents.malformed import MalformedError

_MAX_RELEASE = 256 * 1024  # bytes
_MAX_MODULES = 10_000
_RELEASE_LINE = re.compile(r'([A-Z_]{1,64})="?([^"\r]*)"?\r?')
_MAGIC = b"\xca\xfe\xba\xbe"
_CLASS_TO_JAVA = 44
_FIRST_MAJOR, _LAST_MAJOR = 45, 200
_PREVIEW = 0xFFFF
_ARCHIVES: dict[int, Literal["static", "dynamic"]] = {0xF00BABA2: "static", 0xF00BABA8: "dynamic"}
_JVM_IDENT = re.compile(rb"[ -~]{0,120} VM \([!-~]{1,100}\) for [ -~]{1,300}")

_HOMES = re.compile(
    r"(?:^|/)(?:jvm/[^/]+|opt/java/[^/]+|opt/jdk[^/]*|opt/jre[^/]*|usr/local/(?:open)?(?:jdk|jre)[^/]*|usr/java/[^/]+)(?=/)"
)
_PARTS = ("java", "jvm/", "jdk", "jre")  # no path without one of them is looked at more closely
_LAUNCHER = re.compile(r"(?:/jre)?/bin/java$")
_NUMBER = re.compile(r"(?:^|[^0-9.])(?:1\.)?([0-9]{1,2})(?:[^0-9]|$)")


@dataclass(frozen=True, slots=True)
class JavaRelease:
    """What a Java installation says of itself in its file `release`."""

    version: str
    runtime_version: str
    implementor: str
    modules: tuple[str, ...]

    @property
    def feature(self) -> int:
        """The number that people mean by "Java 17"; 0 when the version has none."""
        return feature_of(self.version)


@dataclass(frozen=True, slots=True)
class JavaHome:
    """A directory that Java is installed in, and the feature version its name tells, 0 when it tells none."""

    directory: str
    feature: int
    launcher: bool


@dataclass(frozen=True, slots=True)
class ClassVersion:
    """The version of a class file; `preview` if it uses what only that one Java has, switched on by hand."""

    major: int
    preview: bool

    @property
    def java(self) -> int:
        """The first Java that reads it."""
        return self.major - _CLASS_TO_JAVA


@dataclass(frozen=True, slots=True)
class SharedArchive:
    """A CDS archive: its format's version, and the build of the virtual machine it was written by and is good for.

    `jvm` is empty where it cannot be made out, as where a long one was replaced by its hash.
    """

    kind: Literal["static", "dynamic"]
    version: int
    jvm: str


def feature_of(version: str) -> int:
    """Return the feature number of a Java version: 17 for `17.0.9`, 8 for `1.8.0_392`; 0 when there is none."""
    found = re.match(r"(?:1\.)?([0-9]{1,3})(?![0-9])", version)
    return int(found[1]) if found else 0


def read_release(body: bytes) -> JavaRelease:
    """Return what the file `release` of a Java installation says.

    Raises:
        MalformedError: it is too large, or tells no JAVA_VERSION: many programs have a file of that name.
    """
    if len(body) > _MAX_RELEASE:
        raise MalformedError(f"it has {len(body)} bytes, more than the {_MAX_RELEASE} that are read")
    lines = map(_RELEASE_LINE.fullmatch, body.decode("utf-8", "replace").split("\n"))
    said = {line[1]: line[2] for line in lines if line}
    if not said.get("JAVA_VERSION"):
        raise MalformedError("it tells no JAVA_VERSION")
    modules = tuple(said.get("MODULES", "").split()[:_MAX_MODULES])
    runtime = said.get("JAVA_RUNTIME_VERSION", "")
    return JavaRelease(said["JAVA_VERSION"], runtime, said.get("IMPLEMENTOR", ""), modules)


def java_home_of(path: str) -> JavaHome | None:
    """Return the Java installation that `path` (no leading slash) lies in, None when its name tells of none."""
    if not any(part in path for part in _PARTS):
        return None
    home = _HOMES.search(path)
    launcher = _LAUNCHER.search(path)
    if home:
        directory = path[: home.end()]
    elif launcher and launcher.start() and path != "usr/bin/java":
        directory = path[: launcher.start()]
    else:
        return None
    return JavaHome(directory, _named(directory.rpartition("/")[2]), launcher is not None)


def read_class_version(first: bytes) -> ClassVersion:
    """Return the version that the first 8 bytes of a class file tell.

    Raises:
        MalformedError: they are not those of a class file.
    """
    minor, major = int.from_bytes(first[4:6], "big"), int.from_bytes(first[6:8], "big")
    if first[:4] != _MAGIC or not _FIRST_MAJOR <= major <= _LAST_MAJOR:
        raise MalformedError("it does not begin as a class file does")
    return ClassVersion(major, minor == _PREVIEW)


def read_shared_archive(head: bytes) -> SharedArchive:
    """Return what the first 4 KiB of a CDS archive say.

    Raises:
        MalformedError: they are not those of a CDS archive.
    """
    kind = _ARCHIVES.get(int.from_bytes(head[:4], "little")) or _ARCHIVES.get(int.from_bytes(head[:4], "big"))
    if kind is None or len(head) < 12:  # noqa: PLR2004
        raise MalformedError("it does not begin as a CDS archive does")
    order: Literal["little", "big"] = "little" if int.from_bytes(head[:4], "little") in _ARCHIVES else "big"
    strings = head[:4096].split(b"\0")
    jvm = next((found[0].decode() for found in map(_JVM_IDENT.fullmatch, strings) if found), "")
    return SharedArchive(kind, int.from_bytes(head[8:12], order), jvm)


def _named(directory: str) -> int:
    found = _NUMBER.search(directory)
    return int(found[1]) if found else 0
