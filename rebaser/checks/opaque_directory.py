"""H15: the application's layers hide a whole directory, and the new base has more in it than the old one."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import is_transient
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for directory in dict.fromkeys(path for layer in evidence.app_layers for path in layer.opaques):
        hidden = [] if is_transient(f"{directory}/") else list(_hidden(directory, evidence))
        if hidden:
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The application's layers hide all that a base has in {shown(directory)}, and the new base has more "
                f"there: {listed(map(shown, hidden))}",
                "Nothing is to be done if the directory is to hold the application's files only, as after a step that "
                "removed it and made it anew; a rebuild gives the same.",
                subject=shown(directory),
                after=hidden[:20],
            )


def _hidden(directory: str, evidence: Evidence) -> Iterator[str]:
    for entry in evidence.new.files.below(directory):
        if entry.path not in evidence.old.files and entry.path not in evidence.rebased.files:
            yield entry.path


CHECK = LayerCheck("opaque-directory", "No hidden directory hides more than before", _run)
