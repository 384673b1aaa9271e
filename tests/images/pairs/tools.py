"""What the tools inside an image say of packages, libraries, accounts and links; and in what two images differ there.

dpkg(1), apt-get(8), dpkg-query(1), ldconfig(8), getent(1), find(1). Each says only what it finds: they run as root in a
container that cannot be written to and has no network, and ask about the whole system.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.images.engine import Engine
from tests.images.pairs.probing import ended

SECONDS = 180
"""dpkg reads every file of every package, on a machine that has other things to do."""
ORDERED = frozenset({"ldconfig -p"})
"""Of these the order says something: the loader takes the first library of a name."""
_ASKED = (
    "dpkg --audit",
    # Neither a lock nor a cache of its own parsing can be written.
    "apt-get check -qq -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=",
    "dpkg -V",
    "dpkg-query -W",
    "ldconfig -p",
    "getent passwd",
    "getent group",
    "find / -xdev -xtype l",
)
_BEGINS, _ENDS = "== ", "ends with "
SCRIPT = "\n".join(
    [
        f'told() {{ command -v "$1" > /dev/null || return 0; echo "{_BEGINS}$*"; "$@" 2>&1; echo "{_ENDS}$?"; }}',
        *(f"told {asked}" for asked in _ASKED),
    ]
)
_SETTING = (
    "--read-only",
    "--user=0:0",
    "--workdir=/",
    "--env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "--env=LC_ALL=C",
    "--entrypoint=/bin/sh",
)

Told = Mapping[str, Sequence[str]]
"""What was asked → the lines that came out, and how it ended; nothing of a tool that the image does not have."""


def told(engine: Engine, image: str) -> Told:
    """Ask all tools that an image has; of one without a shell there is only what the engine says of that.

    Raises RuntimeError where they are not done in time, which says nothing of the image.
    """
    code, out, err = ended(engine, *_SETTING, image, "-c", SCRIPT, seconds=SECONDS)
    if code is None:
        raise RuntimeError(f"the tools in {image} are {err}")
    return sections(out) if code == 0 else {"/bin/sh": [f"{_ENDS}{code}", *undated(err)]}


def undated(said: str) -> list[str]:
    """Return what the engine says, without the lines of its client's own log, which begin with the time."""
    return [line for line in said.splitlines() if not line.startswith("time=")]


def sections(printed: str) -> Told:
    """Read what the script printed."""
    found: dict[str, list[str]] = {}
    for part in f"\n{printed}".split(f"\n{_BEGINS}")[1:]:
        asked, *lines = part.splitlines()
        found[asked] = lines if asked in ORDERED else sorted(lines)
    return found


def disagreements(rebased: Told, rebuilt: Told) -> list[str]:
    """What the tools say in one image only, after a sign: `+` only in the first, `-` only in the second."""
    return [line for asked in sorted({*rebased, *rebuilt}) for line in _between(asked, rebased, rebuilt)]


def _between(asked: str, rebased: Told, rebuilt: Told) -> list[str]:
    first, second = (Counter(side.get(asked, ())) for side in (rebased, rebuilt))
    found = [
        f"{sign}{asked}: {line}" for sign, lines in (("+", first - second), ("-", second - first)) for line in lines
    ]
    is_same = rebased.get(asked) == rebuilt.get(asked)
    return found or ([] if is_same else [f"~{asked}: in another order"])
