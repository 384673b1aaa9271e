"""H31: names that differ only in their case or in how accents are written, which some file systems hold for one."""

import unicodedata
from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown
from rebaser.layers.entry import parent_of
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for path in evidence.own:
        directory, name = parent_of(path), path.rpartition("/")[2]
        alike = [
            other
            for other in evidence.new.files.children.get(directory, ())
            if other != name and len(other) == len(name) and _folded(other) == _folded(name)
        ]
        for other in alike:
            inner = f"{directory}/{other}" if directory else other
            if inner not in evidence.old.files and inner not in evidence.own:
                yield Finding(
                    CHECK.id,
                    Severity.NOTE,
                    f"The application's {shown(path)} and the new base's {shown(inner)} differ only in case or accents",
                    "Nothing is to be done, unless a file system that holds both for one is to have the image.",
                    subject=shown(path),
                    after=inner,
                )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


CHECK = LayerCheck("name-collision", "Names stay apart on every file system", _run)
