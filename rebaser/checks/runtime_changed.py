"""H50 to H52, H56: files for one version of Ruby, Perl, PHP, R and their like, which the new base does not have."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.runtimes import provided, wanted


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = provided(evidence.original.files), provided(evidence.rebased.files)
    found: dict[tuple[str, str], list[str]] = {}
    for entry in evidence.own_files:
        told = wanted(entry.path)
        if told is not None and told in before and told not in after:
            found.setdefault(told, []).append(entry.path)
    for (runtime, version), paths in found.items():
        has = sorted(other for name, other in after if name == runtime)
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{len(paths)} files of the application are for {printable(runtime)} {printable(version)}, such as "
            f"{listed(map(shown, paths[:2]))}; the new base has {listed(has) or 'none'}",
            f"{REBUILD}, or choose a base with that version in `new-base`.",
            subject=printable(f"{runtime} {version}"),
            before=version,
            after=has,
        )


CHECK = LayerCheck("runtime-changed", "The runtimes that files were made for are there", _run)
