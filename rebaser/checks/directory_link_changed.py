"""H21: the application's files were reached through a link of the old base that the new base does not have."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.layers.entry import Kind
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for link, target in _changed_links(evidence):
        below = [
            path
            for path, entry in evidence.own.items()
            if path.startswith(f"{target}/") and entry.kind is not Kind.DIRECTORY and _may_mean(link, path, evidence)
        ]
        if below:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"In the old base {shown(link)} is a link to {shown(target)}, and the application's files there may "
                f"have been meant for it ({listed(map(shown, below))}); in the new base it is none",
                f"{REBUILD}; its steps then find the new directories.",
                subject=shown(link),
                before=target,
                after=below[:20],
            )


def _changed_links(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield links of the old base to directories that lead elsewhere, or nowhere, on the new one.

    Not those that the application removed or put something else in the place of.
    """
    old, new = evidence.old.files, evidence.rebased.files
    kept = evidence.original.files.nodes
    for path, node in old.nodes.items():
        if node.entry.kind is Kind.SYMLINK and path in kept and kept[path].layer < old.layers:
            target = old.real_path(path)
            if target and target in old.children and new.real_path(path) != target and target in new.children:
                yield path, target


def _may_mean(link: str, path: str, evidence: Evidence) -> bool:
    """Answer whether the file may have been put there through the link: history tells where COPY was told to."""
    destination = evidence.destination(path)
    return destination is None or destination == link or destination.startswith(f"{link}/")


CHECK = LayerCheck("directory-link-changed", "Links to the directories of the application's files are there", _run)
