"""Which packages that the application's layers upgraded, and the new base no longer has, would a rebuild not have?

It has another package in its place that provides it; or nobody asked for it. No database tells that, but the step that
brought its version does: one that runs a package manager without naming it updated it by the way. What a package of the
application needs, and nothing of the new base would do for, is there in any case.
"""

import re
from collections.abc import Collection
from typing import TypeAlias

from rebaser.contents.package import Package, needed
from rebaser.layers.filesystem import stack
from rebaser.mergers.keyed import Key
from rebaser.plan.evidence import Evidence
from rebaser.system.packages import own_packages, packages

_MANAGERS = frozenset({"apt-get", "apt", "aptitude", "apk"})
_WORD = re.compile(r"[^\s;&|()\"'`]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*")
_HIDDEN = re.compile(r"[$`]|\*\S*\.(?:deb|apk)|xargs|build-dep")  # behind which the name may be

_Versions: TypeAlias = dict[Key, str]


def only_upgraded(dropped: Collection[Key], kept: Collection[Key], evidence: Evidence) -> frozenset[Key]:
    """Return those of the `dropped` packages that nobody asked for, and that nothing needs which stays.

    `kept` are packages of both bases that the application's version stays of; its own stay anyway.
    """
    if not dropped:
        return frozenset()
    original = tuple(evidence.original.packages.all())
    steps = _steps(evidence)
    provided = {name for package in evidence.new.packages.all() for name, _ in package.provides}
    spare = [one for one in original if _key(one) in dropped and (one.name in provided or _is_unasked(one, steps))]
    gone = frozenset(map(_key, spare))
    own = own_packages(evidence.old.packages, evidence.original.packages)
    stay = [*own, *(one for one in original if _key(one) in {*kept, *dropped} and _key(one) not in gone)]
    wanted = needed(stay, (*evidence.new.packages.all(), *stay), spare)
    return gone - frozenset(map(_key, wanted))


def _key(package: Package) -> Key:
    """Return a package's name in the database of its kind."""
    return (package.name,) if package.ecosystem == "apk" else (package.name, package.architecture)


def _steps(evidence: Evidence) -> list[tuple[str, _Versions]]:
    """Return of each layer what its step ran, empty where that is not known, and what its own database says."""
    told = [step.arguments if step is not None and step.keyword == "RUN" else "" for step in evidence.made_by]
    alone = (packages(stack((layer,))) for layer in evidence.app_layers)
    return [
        (ran, {_key(package): package.version for package in found.all()})
        for ran, found in zip(told, alone, strict=True)
    ]


def _is_unasked(package: Package, steps: list[tuple[str, _Versions]]) -> bool:
    """Answer whether the step that brought the package's version ran a package manager, and did not name it."""
    ran = next((ran for ran, versions in steps if versions.get(_key(package)) == package.version), "")
    if _MANAGERS.isdisjoint(_WORD.findall(ran)) or _HIDDEN.search(ran):
        return False
    return package.name not in _NAME.findall(ran)
