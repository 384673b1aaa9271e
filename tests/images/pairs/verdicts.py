"""What the rebaser says of a pair, and what it makes of it when it is told to go on all the same."""

from dataclasses import dataclass
from pathlib import Path

from tests.integration.process import Rebaser, Told

SAFE = "safe"
REFUSED = "refused"
FAILED = "failed"
DECIDED = {"rebase": SAFE, "refuse": REFUSED}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Safe, refused or failed; and the ids of the checks that stood in the way, or the error's code."""

    word: str
    because: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    """Checks that found something that does not block."""


def verdict(rebaser: Rebaser, layout: Path) -> Verdict:
    """What a dry run says of the images of a layout."""
    report = _rebase(rebaser, layout, "--dry-run", "--json").report
    if report.get("error") or not report.get("decision"):
        return Verdict(FAILED, ((report.get("error") or {}).get("code", "no report"),))
    findings = [finding for platform in report["platforms"] for finding in platform["findings"]]
    blocking = tuple(sorted({finding["check"] for finding in findings if finding["blocks"]}))
    other = {finding["check"] for finding in findings if not finding["blocks"] and finding["severity"] != "note"}
    return Verdict(DECIDED.get(report["decision"]["outcome"], FAILED), blocking, tuple(sorted(other)))


def force(rebaser: Rebaser, layout: Path) -> bool:
    """Rebase whatever stands in the way, to the tag `rebased`; whether there is one now."""
    return _rebase(rebaser, layout, "--on-incompatible", "force", "--tags", "rebased").code == 0


def _rebase(rebaser: Rebaser, layout: Path, *options: str) -> Told:
    bases = (f"--{which}-base=oci:{layout}:{which}-base" for which in ("old", "new"))
    return rebaser.rebase(f"oci:{layout}:original", *bases, *options)
