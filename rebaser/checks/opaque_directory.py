"""H15: the application's layers hide a whole directory, and with it what only the new base has there."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown, tolerate
from rebaser.layers.entry import Entry, parents_of, same_content
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import is_transient
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for directory in _outermost({path for layer in evidence.app_layers for path in layer.opaques}):
        hidden = list(_hidden(directory, evidence))
        if hidden:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The application's layers hide all that a base has in {shown(directory)}, and with it what the new "
                f"base has there and the old one had not, or had in another version: {listed(map(shown, hidden))}",
                tolerate(CHECK.id, "the directory is to hold the application's files only"),
                subject=shown(directory),
                after=hidden[:20],
            )


def _outermost(directories: set[str]) -> list[str]:
    """Return those that are not below another of them: what they hide is hidden anyway."""
    return sorted(path for path in directories if not path or directories.isdisjoint(("", *parents_of(path))))


def _hidden(directory: str, evidence: Evidence) -> Iterator[str]:
    """Yield files and empty directories of the new base that are seen nowhere and were not there when the step ran."""
    for new in evidence.new.files.below(directory):
        is_seen = new.path in evidence.rebased.files or evidence.new.files.children.get(new.path)
        if not is_seen and _is_news(new, evidence.old.files.entry(new.path)):
            yield new.path


def _is_news(new: Entry, old: Entry | None) -> bool:
    is_passing = is_transient(new.path) or is_transient(f"{new.path}/")
    return not is_passing and (old is None or not same_content(old, new))


CHECK = LayerCheck("opaque-directory", "No hidden directory hides what the new base has more", _run)
