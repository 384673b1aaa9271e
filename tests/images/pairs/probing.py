"""Runs the probes of a pair in containers without a network, each for a limited time."""

import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from tests.images.engine import Engine
from tests.images.pairs.model import How, Probe

SECONDS = 60
KEPT = 2000
"""Characters of output that are kept of each probe."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What became of the probes of a pair in one image, up to the first that failed."""

    passed: bool
    said: str


def probe(engine: Engine, image: str, probes: Iterable[Probe]) -> Probed:
    """Run probes in an image, and answer whether all of them passed."""
    said = ""
    for one in probes:
        outcome = _health(engine, image) if one.how is How.HEALTH else _run(engine, image, one)
        said += outcome.said
        if not outcome.passed:
            return Probed(passed=False, said=said)
    return Probed(passed=True, said=said)


def printed(engine: Engine, image: str, one: Probe) -> str:
    """All that a probe prints; raises RuntimeError where it fails."""
    code, out, err = ended(engine, *started(image, one))
    if code:
        raise RuntimeError(f"a probe of {image} ends with {code}: {out[-KEPT:]}\n{err[-KEPT:]}")
    return out


def _run(engine: Engine, image: str, one: Probe) -> Probed:
    code, out, err = ended(engine, *started(image, one))
    right = one.prints is None or out == one.prints.strip()
    return Probed(code == 0 and right, f"[{code}] {out}\n{err}"[:KEPT].strip() + "\n")


def ended(engine: Engine, *arguments: str, seconds: int = SECONDS) -> tuple[int | None, str, str]:
    """Exit code and both outputs of a container; no code where it did not end in time."""
    with _container(engine) as name:
        command = (engine.client, "run", f"--name={name}", "--network=none", *arguments)
        try:
            done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return None, "", f"not done after {seconds} s"
    return done.returncode, done.stdout.decode(errors="replace").strip(), done.stderr.decode(errors="replace").strip()


def started(image: str, one: Probe) -> tuple[str, ...]:
    """What `docker run` is told for a probe, from the entrypoint on."""
    match one.how:
        case How.SHELL:
            return ("--entrypoint=/bin/sh", image, "-e", "-c", *one.arguments)
        case How.EXECUTE:
            program, *arguments = one.arguments
            return (f"--entrypoint={program}", image, *arguments)
        case _:
            return (image, *one.arguments)


def _health(engine: Engine, image: str) -> Probed:
    with _container(engine) as name:
        try:
            engine.run("run", "--detach", f"--name={name}", "--network=none", image)
        except RuntimeError as error:
            return Probed(passed=False, said=f"{error}\n"[-KEPT:])
        for _ in range(SECONDS * 2):
            status = engine.run("inspect", "--format={{.State.Status}} {{.State.Health.Status}}", name).strip()
            if status != "running starting":
                return Probed(status == "running healthy", f"[{status}]\n")
            time.sleep(0.5)
    return Probed(passed=False, said=f"[still starting after {SECONDS} s]\n")


@contextmanager
def _container(engine: Engine) -> Iterator[str]:
    """A name for a container that is gone afterwards, however it ended."""
    name = f"rebaser-pair-{uuid4().hex[:12]}"
    try:
        yield name
    finally:
        subprocess.run((engine.client, "rm", "--force", "--volumes", name), capture_output=True, check=False)
