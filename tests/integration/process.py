"""The rebaser as people run it: a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.images.machine import CHECKOUT, environment


@dataclass(frozen=True)
class Told:
    """What one run came to: its exit code, what it printed and wrote, and what its report says of the image."""

    code: int
    out: str
    err: str
    written: str
    report: dict[str, Any]

    @property
    def everything(self) -> str:
        """All that it let be seen."""
        return f"{self.out}\n{self.err}\n{self.written}"

    @property
    def platform(self) -> dict[str, Any]:
        """What the report says of the only platform."""
        (platform,) = self.report["platforms"]
        found: dict[str, Any] = platform
        return found

    def findings(self, severity: str) -> set[tuple[str, str]]:
        """Check and subject of the findings of one severity."""
        found = self.platform["findings"]
        return {(entry["check"], entry["subject"]) for entry in found if entry["severity"] == severity}


@dataclass(frozen=True)
class Rebaser:
    """Runs the rebaser, each time with a report directory of its own and an environment in which nothing is left."""

    directory: Path

    def rebase(self, *arguments: str, **variables: str) -> Told:
        """Run `rebaser rebase` to its end."""
        reports = Path(mkdtemp(dir=self.directory))
        command = (sys.executable, "-m", "rebaser", "rebase", *arguments, "--report-dir", str(reports))
        surroundings = {"PATH": environment()["PATH"], "HOME": str(self.directory), **variables}
        done = subprocess.run(command, cwd=CHECKOUT, env=surroundings, capture_output=True, text=True, check=False)
        files = {path.name: path.read_text(encoding="utf-8") for path in sorted(reports.iterdir())}
        return Told(done.returncode, done.stdout, done.stderr, "\n".join(files.values()), _report(files))


def _report(files: Mapping[str, str]) -> dict[str, Any]:
    """What the report says of the image; nothing if there is no report."""
    images: list[dict[str, Any]] = json.loads(files.get("report.json", '{"images": [{}]}'))["images"]
    (image,) = images
    return image
