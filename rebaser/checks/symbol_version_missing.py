"""H41: a program was linked against a version of a library's symbols that the library does not provide."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.linking import Want, missing_versions


def _run(evidence: Evidence) -> Iterable[Finding]:
    known = {(want.path, want.name, want.version) for want in missing_versions(evidence.original)}
    found: dict[tuple[str, str], list[Want]] = {}
    for want in missing_versions(evidence.rebased):
        if (want.path, want.name, want.version) not in known:
            found.setdefault((want.name, want.version), []).append(want)
    for (name, version), wants in found.items():
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{listed(shown(want.path) for want in wants)} "
            f"{'want' if len(wants) > 1 else 'wants'} {printable(version)} of {printable(name)}, which the new "
            "base's does not provide",
            "Rebuild the image on the new base, or choose a newer base in `new-base`.",
            subject=printable(f"{name} {version}"),
            before=version,
        )


CHECK = LayerCheck("symbol-version-missing", "Libraries provide the versions that are asked for", _run)
