"""A step that uses a container action, started as GitHub's own runner starts one.

`docker run` with the runner's mounts, working directory and variables: inputs as `INPUT_NAME` with dashes kept, HOME
set last, values that are paths of the machine rewritten to the container's. What comes out is read as the runner does.
"""

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.ci.runner import read_log, read_records
from tests.images.engine import Engine
from tests.images.machine import CHECKOUT, environment

_FILES = {
    "GITHUB_OUTPUT": "set_output_",
    "GITHUB_STATE": "save_state_",
    "GITHUB_ENV": "set_env_",
    "GITHUB_PATH": "add_path_",
    "GITHUB_STEP_SUMMARY": "step_summary_",
}
_SUMMARY_LIMIT = 1024 * 1024  # bytes; a larger one is dropped whole
_MESSAGE_LIMIT = 4096  # characters of an annotation


@dataclass(frozen=True)
class Step:
    """What the runner has after a step: what it shows of the log, and what it took from commands and files."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    annotations: tuple[tuple[str, Mapping[str, str], str], ...]
    masks: tuple[str, ...]
    other_commands: tuple[str, ...]

    @property
    def job_outputs(self) -> dict[str, str]:
        """The outputs that reach other jobs: the runner drops each that holds a mask."""
        return {name: value for name, value in self.outputs.items() if not any(mask in value for mask in self.masks)}


@dataclass(frozen=True)
class Runner:
    """A machine with a checkout on it. `image` is the action's, built already."""

    engine: Engine
    image: str
    root: Path
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self._made("work/repository/repository")

    @property
    def temporary(self) -> Path:
        return self._made("work/_temp")

    @property
    def home(self) -> Path:
        return self._made("work/_temp/_github_home")

    def step(self, variables: Mapping[str, str] | None = None, /, **inputs: str) -> Step:
        """Run a step to its end; `variables` are those of the job."""
        command, told, suffix = self._command(variables or {}, inputs)
        done = subprocess.run(
            command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300
        )
        return self._read(done.returncode, done.stdout, suffix)

    def cancelled_step(self, begun: Callable[[], None], /, **inputs: str) -> tuple[Step, float]:
        """Run a step and cancel it once `begun` returns, as the runner does; answers also how long it took to end."""
        command, told, suffix = self._command({}, inputs)
        process = subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        begun()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        return self._read(process.returncode, out, suffix), time.monotonic() - began

    def _command(
        self, variables: Mapping[str, str], inputs: Mapping[str, str]
    ) -> tuple[list[str], dict[str, str], str]:
        suffix = str(uuid.uuid4())
        told = {name: self._inside(value) for name, value in self._variables(variables, inputs, suffix).items()}
        names = [argument for name in told for argument in ("-e", name)]
        mounts = [argument for host, inside in self._mounts() for argument in ("-v", f"{host}:{inside}")]
        command = [self.engine.client, "run", "--rm", "--label", "rebaser-test", "--workdir", "/github/workspace"]
        command += ["--network", "host", *names, "-e", "GITHUB_ACTIONS=true", "-e", "CI=true", *mounts, self.image]
        here = environment()
        kept: dict[str, str] = {name: here[name] for name in ("PATH", "DOCKER_HOST") if name in here}
        return command, {**told, **kept}, suffix

    def _variables(self, variables: Mapping[str, str], inputs: Mapping[str, str], suffix: str) -> dict[str, str]:
        action = yaml.safe_load((CHECKOUT / "action.yml").read_text())
        values = {name: str(told.get("default", "")) for name, told in action["inputs"].items()}
        values |= {"github-token": "", **self.inputs, **{name.replace("_", "-"): text for name, text in inputs.items()}}
        told = {f"INPUT_{name.replace(' ', '_').upper()}": text for name, text in values.items()}
        for name, prefix in _FILES.items():
            path = self._made("work/_temp/_runner_file_commands") / f"{prefix}{suffix}"
            path.touch()
            told[name] = str(path)
        told |= {"GITHUB_WORKSPACE": str(self.workspace), "RUNNER_TEMP": str(self.temporary), "RUNNER_OS": "Linux"}
        told |= {"GITHUB_REPOSITORY": "acme/shop", "GITHUB_ACTOR": "someone", "GITHUB_RUN_ID": "1"}
        return {**told, **variables, "HOME": str(self.home)}

    def _inside(self, value: str) -> str:
        for host, inside in self._mounts():
            if value == str(host) or value.startswith(f"{host}/"):
                return inside + value[len(str(host)) :]
        return value

    def _mounts(self) -> Iterator[tuple[Path, str]]:
        """The directories that are mounted, the inner ones first."""
        yield Path("/var/run/docker.sock"), "/var/run/docker.sock"
        yield self.home, "/github/home"
        yield self._made("work/_temp/_github_workflow"), "/github/workflow"
        yield self._made("work/_temp/_runner_file_commands"), "/github/file_commands"
        yield self.temporary, "/github/runner_temp"
        yield self.workspace, "/github/workspace"

    def _made(self, path: str) -> Path:
        made = self.root / path
        made.mkdir(parents=True, exist_ok=True)
        return made

    def _read(self, code: int, text: str, suffix: str) -> Step:
        files = self._made("work/_temp/_runner_file_commands")
        log = read_log(text)
        masks = tuple(message for name, _, message in log.commands if name == "add-mask")
        summary = (files / f"step_summary_{suffix}").read_text()
        if len(summary.encode()) > _SUMMARY_LIMIT:
            summary = ""
        told = [command for command in log.commands if command[0] in ("error", "warning", "notice")]
        return Step(
            code,
            _hidden("\n".join(log.lines), masks),
            read_records((files / f"set_output_{suffix}").read_text()),
            _hidden(summary, masks),
            tuple((name, properties, message[:_MESSAGE_LIMIT]) for name, properties, message in told),
            masks,
            tuple(name for name, _, _ in log.commands if name not in ("error", "warning", "notice", "add-mask")),
        )


def _hidden(text: str, masks: tuple[str, ...]) -> str:
    for mask in masks:
        text = text.replace(mask, "***")
    return text


def owned_by(path: Path, user: int) -> None:
    """Give a directory to a user, as the runner's checkout belongs to one who is not root."""
    os.chown(path, user, user)
