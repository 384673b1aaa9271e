"""H50, H51: a compiled extension for one version of Perl or Ruby, wherever it lies, and the version changes."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.languages import BOUND, version_of
from rebaser.system.loader import objects_of


def _run(evidence: Evidence) -> Iterable[Finding]:
    for language, marks in BOUND:
        before, after = (version_of(language, one.files) for one in (evidence.original, evidence.rebased))
        if before is None or before == after:
            continue
        paths = [own.path for own in objects_of(evidence.own_files) if marks & frozenset(own.elf.undefined)]
        if paths:
            was = ".".join(map(str, before))
            now = ".".join(map(str, after)) if after else None
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"{listed(map(shown, paths))} {'are' if len(paths) > 1 else 'is'} compiled for {language.name} {was}; "
                f"the new base has {now or 'none'}",
                f"{REBUILD}, or choose a base with {language.name} {was} in `new-base`.",
                subject=shown(paths[0]),
                before=was,
                after=now,
            )


CHECK = LayerCheck("extension-bound", "Compiled extensions are for the runtimes that are there", _run)
