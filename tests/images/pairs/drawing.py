"""Pairs that nobody chose: drawn by a seed from the packages of Debian's bookworm, with probes that nobody wrote.

A drawn package is installed in an application's layer, or its files alone are copied in and the libraries are left to
the base. What is drawn is kept, and so are its packages.
"""

import json
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.images.machine import tool, work_directory
from tests.images.pairs.ingredients import Debs, Unpacked, apt, apt_root
from tests.images.pairs.model import key

LARGEST = 4000
"""KiB that a package may take when it is installed."""
MOST = 15
"""Packages that may come with it."""
_DULL = {"doc", "debug", "localization", "metapackages", "oldlibs", "libdevel", "kernel", "introspection"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What to draw: names, what the package has to ship, how it gets in, and the bases; new ones take turns."""

    name: str
    number: int
    pattern: str
    ships: str
    copied: bool
    old: str
    new: tuple[str, ...]


KINDS = (
    Kind(
        "program",
        5,
        r"(?!lib|python3-|ruby|php|node-)[a-z0-9+.-]+",
        r"/usr/bin/[^/]+",
        False,
        "bookworm",
        ("updated", "trixie"),
    ),
    Kind(
        "copied",
        4,
        r"(?!lib|python3-|ruby|php|node-)[a-z0-9+.-]+",
        r"/usr/bin/[^/]+",
        True,
        "python-bookworm",
        ("python-updated", "python-trixie"),
    ),
    Kind(
        "python",
        4,
        r"python3-[a-z0-9+.-]+",
        r"/usr/lib/python3/dist-packages/.+\.py",
        False,
        "python-bookworm",
        ("python-updated", "python-trixie"),
    ),
    Kind(
        "perl",
        3,
        r"lib[a-z0-9+.-]+-perl",
        r"/usr/(share|lib/x86_64-linux-gnu)/perl5/.*\.(pm|so)",
        False,
        "bookworm",
        ("updated", "perl-php-trixie"),
    ),
    Kind(
        "ruby",
        2,
        r"ruby-[a-z0-9+.-]+",
        r"/usr/lib/ruby/vendor_ruby/[^/]+\.rb",
        False,
        "ruby-bookworm",
        ("ruby-trixie",),
    ),
    Kind(
        "php",
        1,
        r"php(8\.2)?-[a-z0-9+.-]+",
        r"/usr/lib/php/20220829/.*\.so",
        False,
        "perl-php-bookworm",
        ("perl-php-trixie",),
    ),
    Kind(
        "node",
        1,
        r"node-[a-z0-9+.-]+",
        r"/usr/share/nodejs/[^/]+/package\.json",
        False,
        "node-bookworm",
        ("node-updated", "node-trixie"),
    ),
    Kind("settings", 2, r"(?!lib)[a-z0-9+.-]+", r"/etc/.+", False, "bookworm", ("updated", "trixie")),
)
NUMBER = sum(kind.number for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A package, how it gets into the application, the bases, and the files that it ships."""

    kind: str
    package: str
    copied: bool
    old: str
    new: str
    files: tuple[str, ...]

    @property
    def ingredient(self) -> Debs | Unpacked:
        """What the application is built with."""
        return Unpacked(self.old, self.package) if self.copied else Debs(self.old, (self.package,))


def drawn(seed: int) -> list[Drawn]:
    """What a seed draws; the first time, packages are looked at and kept."""
    kept = work_directory() / "pairs" / "drawn" / f"{seed}-{key(KINDS, LARGEST, MOST)}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        source = random.Random(seed)  # noqa: S311 -- a draw that can be repeated
        found = [one for kind in KINDS for one in _draw(kind, source)]
        kept.write_text(json.dumps([asdict(one) for one in found], indent=1))
    return [Drawn(**{**entry, "files": tuple(entry["files"])}) for entry in json.loads(kept.read_text())]


def _draw(kind: Kind, source: random.Random) -> Iterator[Drawn]:
    packages = _packages(kind.old)
    names = sorted(name for name, entry in packages.items() if _fits(kind, name, entry))
    source.shuffle(names)
    left = kind.number
    for name in names:
        files = _files(kind, name) if _brings(name, packages) <= (1 if kind.copied else MOST) else ()
        if any(re.fullmatch(kind.ships, file) for file in files):
            yield Drawn(kind.name, name, kind.copied, kind.old, kind.new[left % len(kind.new)], files)
            left -= 1
        if not left:
            return


def _packages(tree: str) -> dict[str, dict[str, str]]:
    """All packages that the suites of a tree offer and that it does not have, each with its fields."""
    root = apt_root(tree)
    installed = {*re.findall(r"^Package: (.*)$", (root / "var/lib/dpkg/status").read_text(), re.MULTILINE)}
    offered = apt(root, "dumpavail", program="apt-cache")
    entries = (dict(re.findall(r"^([A-Za-z-]+): (.*)$", stanza, re.MULTILINE)) for stanza in offered.split("\n\n"))
    return {entry["Package"]: entry for entry in entries if entry and entry["Package"] not in installed}


def _fits(kind: Kind, name: str, entry: dict[str, str]) -> bool:
    """Whether a package is of moderate size, and needs a library or has something to extend."""
    needed = re.search(r"\b(lib|python3|perl|ruby|php|nodejs|init-system|cron|systemd)", entry.get("Depends", ""))
    dull = entry.get("Section", "").rpartition("/")[2] in _DULL
    moderate = int(entry.get("Installed-Size", "0")) in range(40, LARGEST)
    return bool(needed) and moderate and not dull and re.fullmatch(kind.pattern, name) is not None


def _brings(name: str, packages: dict[str, dict[str, str]]) -> int:
    """How many packages come with one, itself included, as far as first alternatives tell; counted to one too many."""
    coming, found = [name], set[str]()
    while coming and len(found) <= MOST:
        one = coming.pop()
        if one in packages and one not in found:
            found.add(one)
            needs = f"{packages[one].get('Pre-Depends', '')}, {packages[one].get('Depends', '')}"
            coming += [re.split(r"[ :(|]", clause.strip())[0] for clause in needs.split(",")]
    return len(found)


def _files(kind: Kind, name: str) -> tuple[str, ...]:
    """What a package ships; nothing if it can't be installed, or brings too much."""
    root = apt_root(kind.old)
    try:
        plan = apt(root, "install", "--simulate", "--yes", "--no-install-recommends", name)
    except RuntimeError:
        return ()
    new = re.findall(r"^Inst (\S+) (\[)?", plan, re.MULTILINE)
    if not 0 < len(new) <= (1 if kind.copied else MOST) or any(upgraded for _, upgraded in new):
        return ()
    return _listed(Unpacked(kind.old, name).archive())


def _listed(package: Path) -> tuple[str, ...]:
    """The paths of all files and links in a package."""
    listing = subprocess.run((tool("dpkg-deb"), "--fsys-tarfile", package), capture_output=True, check=True).stdout
    names = subprocess.run((tool("tar"), "--list"), input=listing, capture_output=True, check=True).stdout.decode()
    return tuple(line[1:] for line in names.splitlines() if not line.endswith("/"))


def chosen(files: Sequence[str], pattern: str, most: int) -> list[str]:
    """The first files, by name, that match."""
    return sorted(file for file in files if re.fullmatch(pattern, file))[:most]
