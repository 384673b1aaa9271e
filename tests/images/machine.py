"""What this machine says about itself: where to work, where its Debian packages come from."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# As it was at the start: tests take proxies and the like away from what they test, and images need them.
_ENVIRONMENT = dict(os.environ)
CHECKOUT = Path(__file__).resolve().parents[2]


class MissingError(Exception):
    """Something that real images need isn't on this machine."""


@dataclass(frozen=True)
class Mirror:
    """Where apt finds the releases, and where their security updates."""

    releases: str
    security: str

    def sources(self, suite: str) -> str:
        """The line of a sources.list for one suite."""
        return f"deb {self.security if suite.endswith('-security') else self.releases} {suite} main"


def in_ci() -> bool:
    """In CI nothing may be left out for want of a tool."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def work_directory() -> Path:
    """What is kept between runs stands here; git ignores it."""
    path = Path(os.environ.get("REBASER_TEST_WORK") or CHECKOUT / ".work") / "images"
    path.mkdir(parents=True, exist_ok=True)
    return path


def environment(**changes: str) -> dict[str, str]:
    """The environment of a program that is started here."""
    return {**_ENVIRONMENT, **changes}


def tool(name: str) -> str:
    """The path of a program of this machine."""
    path = shutil.which(name)
    if path is None:
        raise MissingError(f"{name} is not installed")
    return path


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program to its end and answer what it printed; on failure, raise with what it complained about."""
    done = subprocess.run(command, cwd=cwd, env=env or _ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr)[-3000:]
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{said}")
    return done.stdout


def mirror() -> Mirror:
    """The mirror that this machine's own apt uses, so that no address stands in a file."""
    chosen = os.environ.get("REBASER_TEST_MIRROR")
    if chosen:
        return Mirror(chosen, os.environ.get("REBASER_TEST_SECURITY_MIRROR", f"{chosen}-security"))
    listed = run(tool("apt-get"), "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages")
    sites = {suite: site for site, _, suite in (line.partition(" ") for line in listed.splitlines())}
    for suite, site in sites.items():
        secured = sites.get(f"{suite}-security")
        if secured and re.search(r"\bdebian\b", site):
            return Mirror(site, secured)
    raise MissingError("apt here is not set up for a Debian release and its security updates")
