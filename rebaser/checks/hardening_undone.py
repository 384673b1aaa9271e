"""H18: the application took rights away from the base's programs, and the new base has new ones with such rights."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown, tolerate
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    hardened = list(_hardened(evidence))
    new = list(_newly_privileged(evidence)) if hardened else []
    if new:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The application took set-user-id rights or capabilities from {listed(map(shown, hardened))}; the new "
            f"base brings others that have them: {listed(map(shown, new))}",
            tolerate(CHECK.id, "these programs may have their rights"),
            subject=shown(new[0]),
            before=hardened[:20],
            after=new[:20],
        )


def _hardened(evidence: Evidence) -> Iterator[str]:
    for path, node in evidence.old.files.nodes.items():
        if node.entry.is_privileged:
            now = evidence.original.files.entry(path)
            if now is None or not now.is_privileged:
                yield path


def _newly_privileged(evidence: Evidence) -> Iterator[str]:
    for path, node in evidence.rebased.files.nodes.items():
        if node.entry.is_privileged and path not in evidence.own and path not in evidence.old.files:
            yield path


CHECK = LayerCheck("hardening-undone", "Rights that the application took away stay away", _run)
