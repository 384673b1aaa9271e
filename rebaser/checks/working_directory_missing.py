"""H27: the working directory is not there, or is no directory."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, shown
from rebaser.layers.entry import Kind
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    directory = evidence.rebased.directory
    before = evidence.original.files.find(evidence.original.directory)
    after = evidence.rebased.files.find(directory)
    if before is None or (after is not None and after.kind is Kind.DIRECTORY):
        return
    what = "is not there; engines make it, empty" if after is None else f"is a {after.kind}"
    yield Finding(
        CHECK.id,
        Severity.NOTE if after is None else Severity.BLOCKER,
        f"The working directory {shown(directory)} {what}",
        f"{REBUILD}, or create the directory in the Dockerfile.",
        subject=shown(directory),
        before=str(before.kind),
        after=str(after.kind) if after else None,
    )


CHECK = LayerCheck("working-directory-missing", "The working directory is there", _run)
