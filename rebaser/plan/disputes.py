"""Packages that both the application's layers and the new base changed: whose version it is, and which files are its.

The newer version stays, as it would with a package manager; one that the application removed stays removed. Files and
database must agree afterwards, so each file of such a package comes from one side.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rebaser.contents.malformed import MalformedError
from rebaser.contents.versions import compare
from rebaser.layers.entry import Kind
from rebaser.layers.filesystem import FileSystem
from rebaser.mergers.dpkg import PACKAGE
from rebaser.mergers.keyed import Key, Side
from rebaser.mergers.stanzas import Stanza, read_stanzas
from rebaser.plan.evidence import Evidence
from rebaser.plan.model import Sides
from rebaser.plan.sources import Bodies, Place, Source
from rebaser.system.packages import DPKG_STATUS

INFO = "var/lib/dpkg/info/"
_BOTH_KINDS = (Kind.FILE, Kind.SYMLINK)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A package, its versions (empty where it is not installed), and whose it is; None where that cannot be said."""

    key: Key
    versions: Sides[str]
    side: Side | None

    @property
    def name(self) -> str:
        """Return the package's name."""
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Settlement:
    """Whose the disputed packages are, and which paths come from one side for that."""

    disputes: tuple[Dispute, ...] = ()
    forced: Mapping[str, Side] = field(default_factory=dict)
    owned: frozenset[str] = frozenset()

    @property
    def settled(self) -> Mapping[Key, Side]:
        """Return the packages with the side that they come from."""
        return {dispute.key: dispute.side for dispute in self.disputes if dispute.side is not None}


def find_disputes(evidence: Evidence) -> tuple[Dispute, ...]:
    """Return the packages of dpkg's database that both sides changed; none where a database cannot be read."""
    try:
        old, app, new = (_stanzas(system.files) for system in (evidence.old, evidence.original, evidence.new))
    except MalformedError:
        return ()
    if not app or not new:
        return ()
    return tuple(_disputes(Sides(old, app, new)))


def wanted_lists(evidence: Evidence, disputes: Iterable[Dispute]) -> frozenset[Source]:
    """Return the lists of files that must be read to settle the disputes, and those of what the application brought."""
    places: tuple[Place, ...] = ("old", "app", "new")
    wanted = {
        Source(place, path)
        for place in places
        for dispute in disputes
        for path in _info(dispute, evidence.system(place).files)
        if path.endswith(".list")
    }
    own = (path for path in evidence.own if path.startswith(INFO) and path.endswith(".list"))
    return frozenset(wanted | {Source("app", path) for path in own})


def settle_packages(evidence: Evidence, disputes: tuple[Dispute, ...], lists: Bodies) -> Settlement:
    """Return whose each path of the disputed packages is, and what packages of the application own."""
    forced: dict[str, Side] = {}
    for dispute in disputes:
        if dispute.side is not None:
            forced |= _forced(dispute, evidence, lists)
    owned = frozenset(
        path
        for source in wanted_lists(evidence, ())
        for path in _listed(lists, (source.path,), "app", evidence.original.files)
    )
    return Settlement(disputes, forced, owned)


def _stanzas(files: FileSystem) -> dict[Key, Stanza]:
    entry = files.find(DPKG_STATUS)
    return read_stanzas(entry.whole, PACKAGE) if entry is not None and entry.whole is not None else {}


def _disputes(sides: Sides[dict[Key, Stanza]]) -> Iterator[Dispute]:
    for key in dict.fromkeys([*sides.app, *sides.old]):
        stanzas = [side.get(key) for side in (sides.old, sides.app, sides.new)]
        versions = Sides(*map(_version, stanzas))
        old, app, new = stanzas
        if app in (old, new) or new == old or versions.app == versions.old:
            continue
        if versions.new != versions.old or versions.app == versions.new:
            yield Dispute(key, versions, _winner(versions))


def _version(stanza: Stanza | None) -> str:
    installed = stanza is not None and stanza.value("Status").split()[-1:] == ["installed"]
    return stanza.value("Version") if stanza is not None and installed else ""


def _winner(versions: Sides[str]) -> Side | None:
    """Return whose version stays: what was put back on purpose is for people to judge."""
    if not versions.app or not versions.new:
        return "app"
    if versions.old and compare("deb", versions.app, versions.old) < 0:
        return None
    return "app" if compare("deb", versions.app, versions.new) > 0 else "new"


def _forced(dispute: Dispute, evidence: Evidence, lists: Bodies) -> dict[str, Side]:
    side = dispute.side or "app"
    ours, theirs = evidence.original.files, evidence.new.files
    info = {*_info(dispute, ours), *_info(dispute, theirs)}
    app = _listed(lists, _info(dispute, ours), "app", ours)
    new = _listed(lists, _info(dispute, theirs), "new", theirs)
    paths = (app | new) if side == "new" else new - app if not dispute.versions.app else app | new
    kept = {path for path in paths if not (side == "new" and path.startswith("etc/"))}
    return dict.fromkeys(sorted(info | kept), side)


def _info(dispute: Dispute, files: FileSystem) -> list[str]:
    """Return what dpkg keeps of a package, beside its stanza."""
    stems = (f"{dispute.name}.", f"{dispute.name}:{dispute.key[1]}.")
    return [f"{INFO}{name}" for name in files.names(INFO) if name.startswith(stems) and "." not in _rest(name, stems)]


def _rest(name: str, stems: tuple[str, str]) -> str:
    return next(name[len(stem) :] for stem in stems if name.startswith(stem))


def _listed(lists: Bodies, info: Iterable[str], place: Place, files: FileSystem) -> set[str]:
    """Return the files and links that a package's list names, where they really are."""
    bodies = [lists.get(Source(place, path)) for path in info if path.endswith(".list")]
    told = (line for body in bodies if body for line in body.content.decode("utf-8", "surrogateescape").split("\n"))
    places = {files.place(line) for line in told if line.startswith("/") and line != "/."}
    return {path for path in places if (entry := files.entry(path)) is not None and entry.kind in _BOTH_KINDS}
