"""Every finding of a run, worst first, with an identity that it keeps from run to run."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.report.model import FindingEntry, Report

FILE = "Dockerfile"  # where services that show findings beside a file show ours: see docs/report.md
_WEIGHTS = {"blocker": 0, "warning": 1, "note": 2}
_DIGEST = re.compile(r"\b(sha\d{3}):[0-9a-f]{32,128}\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, where it was found, and its identity: 64 hexadecimal digits, and its place among those alike.

    `key` depends on the image's name and tag, the check, the platform and the subject. Digests do not count, since they
    change with every build, and neither does the wording.
    """

    image: str
    platform: str
    finding: FindingEntry
    key: str
    occurrence: int

    @property
    def fingerprint(self) -> str:
        """Return the identity, which no other finding of the run has."""
        return f"{self.key}:{self.occurrence}"


def found_in(report: Report) -> tuple[Found, ...]:
    """Return all findings: those that stand in the way first, then by severity, else in the report's order."""
    return tuple(sorted(_all(report), key=_weight))


def without_digest(name: str) -> str:
    """Return a reference without its digest, and any other text as it is."""
    return name.partition("@")[0] or name


def _all(report: Report) -> Iterator[Found]:
    seen: Counter[str] = Counter()
    for image in report.images:
        name = without_digest(image.original)
        for platform in image.platforms:
            for finding in platform.findings:
                key = _key(name, finding.check, platform.platform, finding.subject)
                seen[key] += 1
                yield Found(name, platform.platform, finding, key, seen[key])


def _key(*parts: str) -> str:
    lasting = (_DIGEST.sub(r"\1", part).encode("utf-8", "backslashreplace") for part in parts)
    return hashlib.sha256(b"\0".join(part.replace(b"\0", b"\\0") for part in lasting)).hexdigest()


def _weight(found: Found) -> tuple[bool, int]:
    return not found.finding.blocks, _WEIGHTS[found.finding.severity]
