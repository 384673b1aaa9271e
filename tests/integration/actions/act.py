"""Workflows run by act on a copy of the checkout, without a network and without pulling anything."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.images.machine import CHECKOUT, environment, run

_QUIET = ("--pull=false", "--action-offline-mode", "--no-cache-server", "--concurrent-jobs=1", "--rm", "--json")


@dataclass(frozen=True)
class Ran:
    """What act tells: its exit code, the results of jobs, the outputs of steps, and all that it printed."""

    code: int
    text: str
    rows: tuple[dict[str, Any], ...]

    @property
    def jobs(self) -> dict[str, str]:
        return {_name(row): row["jobResult"] for row in self.rows if "jobResult" in row}

    def outputs(self, job: str) -> dict[str, str]:
        found = [row for row in self.rows if row.get("command") == "set-output" and _name(row) == job]
        return {row["name"]: row["arg"] for row in found}


def _name(row: dict[str, Any]) -> str:
    """The job that a row is of; act pads names to one length."""
    return str(row["job"]).rpartition("/")[2].strip()


@dataclass(frozen=True)
class Act:
    """The runner, the image that its jobs run on, and those that the action's Dockerfile is to be built on."""

    program: str
    runner: str
    python: str
    client: str
    directory: Path

    def checkout(self) -> Path:
        """A work tree as act wants one: under git, with a remote. Only the Dockerfile's default bases are others."""
        tree = self.directory / "checkout"
        listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=CHECKOUT)
        for name in filter(None, listed.split("\0")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, tree / name)
        dockerfile = tree / "Dockerfile"
        text = dockerfile.read_text()
        for name, image in (("PYTHON", self.python), ("DOCKER", self.client)):
            text, count = re.subn(rf"(?m)^ARG {name}_IMAGE=.*$", f"ARG {name}_IMAGE={image}", text)
            assert count == 1
        dockerfile.write_text(text)
        for command in (("init", "--quiet"), ("remote", "add", "origin", "https://github.com/org/rebase-action")):
            run("git", *command, cwd=tree)
        run("git", "add", "--all", cwd=tree)
        run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "x", cwd=tree)
        return tree

    def run(self, tree: Path, workflow: Path, variables: Mapping[str, str], *options: str) -> Ran:
        """Run a workflow's jobs for a push."""
        (self.directory / "config" / "act").mkdir(parents=True, exist_ok=True)
        (self.directory / "config" / "act" / "actrc").touch()  # without one, the first run asks a question
        told = [argument for name, value in variables.items() for argument in ("--var", f"{name}={value}")]
        command = (self.program, "push", "-W", str(workflow), "-P", f"ubuntu-latest={self.runner}", *_QUIET, *told)
        done = subprocess.run(
            (*command, *options),
            cwd=tree,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
        rows = tuple(json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
        return Ran(done.returncode, done.stdout, rows)

    def _environment(self) -> dict[str, str]:
        homes = {f"XDG_{kind.upper()}_HOME": str(self.directory / kind) for kind in ("cache", "config")}
        kept = {name: value for name, value in environment().items() if name in ("PATH", "HOME", "DOCKER_HOST")}
        return {**kept, **homes}
