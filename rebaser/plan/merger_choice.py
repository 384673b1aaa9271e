"""Which merger knows a path: by the whole path, by its directory, or as text below /etc."""

from collections.abc import Mapping
from dataclasses import dataclass

from rebaser.layers.entry import Kind
from rebaser.mergers.accounts import merge_group, merge_gshadow, merge_passwd, merge_ranges, merge_shadow
from rebaser.mergers.alternatives import merge_alternative
from rebaser.mergers.apk_installed import merge_installed
from rebaser.mergers.apk_scripts import merge_scripts
from rebaser.mergers.apk_triggers import merge_triggers
from rebaser.mergers.apk_world import merge_world
from rebaser.mergers.certificates import merge_certificates
from rebaser.mergers.conflict import Merger
from rebaser.mergers.dpkg import merge_diversions, merge_overrides, merge_questions, merge_states, merge_status
from rebaser.mergers.ld_so_cache import merge_ld_so_cache
from rebaser.mergers.lines import merge_lines
from rebaser.mergers.text import merge_text
from rebaser.plan.model import Sides
from rebaser.plan.paths import BUNDLES, LOADER_CACHE
from rebaser.plan.sources import Source

_ACCOUNTS: Mapping[str, Merger] = {
    "etc/passwd": merge_passwd,
    "etc/group": merge_group,
    "etc/shadow": merge_shadow,
    "etc/gshadow": merge_gshadow,
    "etc/subuid": merge_ranges,
    "etc/subgid": merge_ranges,
}
_EXACT: Mapping[str, Merger] = {
    **_ACCOUNTS,
    **dict.fromkeys(BUNDLES, merge_certificates),
    **{
        f"{home}/{name}": merger
        for home in ("lib/apk/db", "usr/lib/apk/db")
        for name, merger in (
            ("installed", merge_installed),
            ("triggers", merge_triggers),
            ("scripts.tar", merge_scripts),
            ("scripts.tar.gz", merge_scripts),
        )
    },
    "etc/apk/world": merge_world,
    LOADER_CACHE: merge_ld_so_cache,
    "var/lib/dpkg/status": merge_status,
    "var/lib/dpkg/available": merge_status,
    "var/lib/dpkg/diversions": merge_diversions,
    "var/lib/dpkg/statoverride": merge_overrides,
    "var/lib/apt/extended_states": merge_states,
    "var/cache/debconf/config.dat": merge_questions,
    "var/cache/debconf/templates.dat": merge_questions,
    "etc/shells": merge_lines,
    "etc/ca-certificates.conf": merge_lines,
    "var/lib/ucf/hashfile": merge_lines,
    "var/lib/ucf/registry": merge_lines,
}
_DIRECTORIES: Mapping[str, Merger] = {
    "var/lib/dpkg/triggers/": merge_lines,
    "var/lib/dpkg/alternatives/": merge_alternative,
}
_BACKUPS = {
    **{f"{path}-": path for path in _ACCOUNTS},
    "var/lib/dpkg/status-old": "var/lib/dpkg/status",
    "var/lib/dpkg/diversions-old": "var/lib/dpkg/diversions",
    "var/lib/dpkg/statoverride-old": "var/lib/dpkg/statoverride",
    "var/cache/debconf/config.dat-old": "var/cache/debconf/config.dat",
    "var/cache/debconf/templates.dat-old": "var/cache/debconf/templates.dat",
}
"""Copies that a tool keeps of what it wrote last time: such a one goes back to the base's file, not to its copy."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A merger, and the three files that it is to be given."""

    merger: Merger
    sources: Sides[Source]


def choose_merger(path: str, kinds: Sides[Kind | None], *, secret: bool) -> Choice | None:
    """Return the merger of a path, None where nobody knows how; `secret` when only its owner may read it."""
    if any(kind not in (Kind.FILE, None) for kind in (kinds.old, kinds.app, kinds.new)):
        return None
    base = copied_from(path)
    sources = Sides(Source("old", base), Source("app", path), Source("new", base))
    merger = _EXACT.get(base) or _below(path)
    if merger is None and path.startswith("etc/") and not secret and None not in (kinds.old, kinds.new):
        merger = merge_text
    return Choice(merger, sources) if merger is not None else None


def is_backup(path: str) -> bool:
    """Answer whether a tool keeps the path only as a copy of what stood there before."""
    return path in _BACKUPS


def copied_from(path: str) -> str:
    """Return the file of which a tool keeps a copy at the path; the path itself where that is none."""
    return _BACKUPS.get(path, path)


def is_removed_when_empty(path: str) -> bool:
    """Answer whether the tool that keeps the file removes it with the last thing in it, and would put it back."""
    return _below(path) is merge_alternative


def _below(path: str) -> Merger | None:
    return _DIRECTORIES.get(f"{path.rpartition('/')[0]}/")
