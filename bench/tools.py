"""The programs that are measured: ours as it is installed, and the peers that can be had."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
_PEERS = {
    "crane": "github.com/google/go-containerregistry/cmd/crane@latest",
    "regctl": "github.com/regclient/regclient/cmd/regctl@latest",
}

Command = Callable[[str, str], list[str]]
"""Returns the command line that moves `repository:1` of a host from the old base to the new; both of `base` there."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program: how it rebases, and how it says its version."""

    name: str
    rebase: Command
    version: list[str]


def ours(work: Path) -> Tool:
    """Return the rebaser, with nothing beside it but what it needs: other packages slow some imports down."""
    python = work / "venv" / "bin" / "python"
    if not (work / "venv" / "done").exists():
        subprocess.run((sys.executable, "-m", "venv", "--clear", str(work / "venv")), check=True)
        lock = str(CHECKOUT / "requirements.lock")
        pip = (str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
        subprocess.run((*pip, "--require-hashes", "--requirement", lock), check=True)
        (work / "venv" / "done").touch()
    start = [str(python), "-m", "rebaser"]

    def rebase(host: str, repository: str) -> list[str]:
        base = "bases" if repository.startswith("index") else "base"
        bases = ["--old-base", f"{host}/{base}:old", "--new-base", f"{host}/{base}:new"]
        return [
            *start,
            "rebase",
            f"{host}/{repository}:1",
            *bases,
            "--checks",
            "config",
            "--report-dir",
            str(work / "report"),
        ]

    return Tool("rebaser", rebase, [*start, "--version"])


def peers(work: Path) -> tuple[dict[str, Tool], dict[str, str]]:
    """Return the peers, installed with Go where that can be done; and for the others why not."""
    found, missing = {}, {}
    for name, module in _PEERS.items():
        program = work / "bin" / name
        if not program.exists():
            missing[name] = _install(module, work / "bin")
        if program.exists():
            found[name] = _peer(name, str(program))
            missing.pop(name, None)
    return found, missing


def _install(module: str, target: Path) -> str:
    go = shutil.which("go")
    if go is None:
        return "Go is not installed"
    environment = {**os.environ, "GOBIN": str(target)}
    done = subprocess.run((go, "install", module), env=environment, capture_output=True, text=True, check=False)
    return done.stderr.strip()[-300:]


def _peer(name: str, program: str) -> Tool:
    def crane(host: str, repository: str) -> list[str]:
        image = f"{host}/{repository}:1"
        bases = ["--old_base", f"{host}/base:old", "--new_base", f"{host}/base:new"]
        return [program, "rebase", image, *bases, "--rebased", image]

    def regctl(host: str, repository: str) -> list[str]:
        bases = ["--rebase-ref", f"{host}/base:old,{host}/base:new"]
        return [program, "image", "mod", f"{host}/{repository}:1", "--replace", *bases]

    return Tool(name, {"crane": crane, "regctl": regctl}[name], [program, "version"])


def surroundings(work: Path) -> Mapping[str, str]:
    """Return the environment of every program: a home of its own, the proxies' authority, compiled code kept."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    home = {"HOME": str(work / "home"), "DOCKER_CONFIG": str(work / "home")}
    return {
        **kept,
        **home,
        "SSL_CERT_FILE": str(work / "certificate.pem"),
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONPYCACHEPREFIX": str(work / "pycache"),
    }
