"""What names and heads of files say about the Python they belong to.

`usr/lib/python3.11/…` is looked into by 3.11 alone; a compiled module carries the interpreter it was built for in its
name (PEP 3149), a cached one in its name and its first bytes (PEP 3147, PEP 552).
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from rebaser.contents.malformed import MalformedError

Kind = Literal["library", "cache", "extension", "interpreter"]

_HOME = re.compile(r"(?:^|/)lib(?:32|64)?/(python|pypy)([23](?:\.[0-9]{1,3})?)(t?)/")
_CACHED = re.compile(r"\.(cpython|pypy)-?([0-9]{2,4})(t?)(?:-pytest-[0-9.a-z]+)?(?:\.opt-[0-9a-z]+)?\.pyc$")
_BUILT = re.compile(r"\.(cpython|pypy)-?([0-9]{2,4})([a-z]{0,3})-[A-Za-z0-9_.-]{1,100}\.so")
_STABLE = re.compile(r"\.abi([34])(t?)(?:-[A-Za-z0-9_.-]{1,100})?\.so")
_INTERPRETER = re.compile(r"(?:^|/)(?:s?bin)/(python|pypy)([23](?:\.[0-9]{1,3})?)?(t?)$")
_SITES = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class PythonTag:
    """Which Python a file belongs to.

    `home` is the directory of a Python's library the file lies in (`usr/lib/python3.11`), `home_version` its version
    (`3` for Debian's directory of all of Python 3), both empty elsewhere. `version` is what the file's own name says,
    empty when it says nothing. `packages` says whether it lies among installed packages rather than in the standard
    library. An extension with `stable_abi` suits its version's major and every later minor.
    """

    kind: Kind
    implementation: str = ""
    version: str = ""
    free_threaded: bool = False
    stable_abi: bool = False
    home: str = ""
    home_version: str = ""
    packages: bool = False


@dataclass(frozen=True, slots=True)
class Pyc:
    """The head of a cached module: the Python it is for, and what makes it stale.

    `version` is empty for a Python that is not known, such as PyPy. A `timestamp` one holds only for a source of this
    `mtime` (seconds, modulo 2**32) and `size`; a `checked-hash` one is compared with the source; an `unchecked-hash`
    one is believed whatever the source has become.
    """

    magic: int
    version: str
    staleness: Literal["timestamp", "checked-hash", "unchecked-hash"]
    mtime: int = 0
    size: int = 0


def python_of(path: str) -> PythonTag | None:
    """Return what `path` (no leading slash) says about the Python it belongs to, None when it says nothing."""
    if path.endswith((".pyc", ".so")):
        return _compiled(path)
    if "python" not in path and "pypy" not in path:
        return None
    interpreter = _INTERPRETER.search(path)
    if interpreter:
        family, version, free = interpreter.groups()
        return PythonTag("interpreter", _family(family), version or "", bool(free))
    return _in_home(path, PythonTag("library"))


def read_pyc(first: bytes) -> Pyc:
    """Return what the first 16 bytes of a cached module say.

    Raises:
        MalformedError: they are not those of a cached module.
    """
    if len(first) < 8 or first[2:4] != b"\r\n":  # noqa: PLR2004
        raise MalformedError("it does not begin as a .pyc file does")
    magic, second, third, fourth = (int.from_bytes(first[at : at + 4], "little") for at in (0, 4, 8, 12))
    magic &= 0xFFFF
    version = _of_magic(magic)
    if version and _minor(version) < (3, 7):
        return Pyc(magic, version, "timestamp", second, third if _minor(version) >= (3, 3) else 0)
    if len(first) < 16 or second > 3:  # noqa: PLR2004
        raise MalformedError("the head of the .pyc file is cut off, or has flags that no Python sets")
    if second & 1:
        return Pyc(magic, version, "checked-hash" if second & 2 else "unchecked-hash")
    return Pyc(magic, version, "timestamp", third, fourth)


def _compiled(path: str) -> PythonTag | None:
    name = path.rpartition("/")[2]
    suffix = name[name.find(".") :]
    cached, built, stable = _CACHED.search(name), _BUILT.fullmatch(suffix), _STABLE.fullmatch(suffix)
    if cached:
        tag = _tagged("cache", *cached.groups())
    elif built:
        tag = _tagged("extension", *built.groups())
    elif stable:
        tag = PythonTag("extension", "cpython", "3", bool(stable[2]), stable_abi=True)
    elif name.endswith(".pyc"):
        return _in_home(path, PythonTag("cache"))
    else:
        return _in_home(path, PythonTag("library" if _bundled(path, name) else "extension"))
    return _in_home(path, tag) or tag


def _bundled(path: str, name: str) -> bool:
    """Answer whether a `.so` without a tag is a library that modules link against, and not a module itself."""
    return name.startswith("lib") or name.count(".") > 1 or ".libs/" in path


def _tagged(kind: Kind, implementation: str, digits: str, flags: str) -> PythonTag:
    return PythonTag(kind, implementation, f"{digits[0]}.{digits[1:]}", "t" in flags)


def _in_home(path: str, tag: PythonTag) -> PythonTag | None:
    """Return `tag` with the library directory that `path` lies in, None when it lies in none.

    The innermost one counts: a virtual environment may lie anywhere, even within another Python's packages.
    """
    homes = list(_HOME.finditer(path))
    if not homes:
        return None
    family, version, free = homes[-1].groups()
    end = homes[-1].end()
    return replace(
        tag,
        implementation=tag.implementation or _family(family),
        free_threaded=tag.free_threaded or bool(free),
        home=path[: end - 1],
        home_version=version,
        packages=path[end:].partition("/")[0] in _SITES,
    )


def _family(name: str) -> str:
    return "cpython" if name == "python" else name


def _minor(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor)


# The last magic number of each Python; from 3.11 on they are 50 apart (Lib/importlib, "magic number").
_MAGIC_NUMBERS = (
    (3000, 3131, "3.0"),
    (3140, 3151, "3.1"),
    (3160, 3180, "3.2"),
    (3190, 3230, "3.3"),
    (3250, 3310, "3.4"),
    (3320, 3351, "3.5"),
    (3360, 3379, "3.6"),
    (3390, 3399, "3.7"),
    (3400, 3419, "3.8"),
    (3420, 3429, "3.9"),
    (3430, 3449, "3.10"),
    (62171, 62211, "2.7"),
)
_REGULAR = range(3450, 4950)  # 3.11 to 3.40


def _of_magic(magic: int) -> str:
    if magic in _REGULAR:
        return f"3.{(magic - 2900) // 50}"
    return next((version for first, last, version in _MAGIC_NUMBERS if first <= magic <= last), "")
