"""H30: a hard link in the application's layers joins a file of the base: no engine can unpack it without."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity

_RULES = ("W14", "W14b")


def _run(evidence: Evidence) -> Iterable[Finding]:
    before = {(one.rule, one.path) for one in evidence.original.files.divergences if one.rule in _RULES}
    for one in evidence.rebased.files.divergences:
        if one.rule in _RULES and (one.rule, one.path) not in before:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The hard link {shown(one.path)} of the application's layers cannot be unpacked: "
                f"{printable(one.message)}{_why_stays(one.path, evidence)}",
                f"{REBUILD}.",
                subject=shown(one.path),
                absolute=True,
            )
        elif one.rule == "W14":
            yield from _changed(one.path, evidence)


def _why_stays(path: str, evidence: Evidence) -> str:
    """Return why it could not become a file of its own; empty where that was not tried."""
    told = next((one.message for one in evidence.adapted.problems if one.path == path), "")
    return f". It cannot become a file of its own: it {printable(told)}" if told else ""


def _changed(path: str, evidence: Evidence) -> Iterable[Finding]:
    was, now = evidence.original.files.entry(path), evidence.rebased.files.entry(path)
    if was is not None and now is not None and was.content != now.content:
        yield Finding(
            CHECK.id,
            Severity.WARNING,
            f"The hard link {shown(path)} of the application's layers joins a file of the base, which has changed",
            f"{REBUILD}.",
            subject=shown(path),
            before=was.content.hex(),
            after=now.content.hex(),
        )


CHECK = LayerCheck("hard-link-broken", "Hard links join files that are there", _run)
