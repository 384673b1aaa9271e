"""What a pair's probes really used of the base: the loader itself says which files it loads and which it starts."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from tests.images.engine import Engine
from tests.images.pairs.model import How, Probe
from tests.images.pairs.probing import SECONDS, started

_LOADED = re.compile(r"calling init: (/\S+)")
_PROGRAM = re.compile(r"initialize program: (\S+)")


@dataclass(frozen=True, slots=True)
class Used:
    """Paths of libraries that were loaded, and names of programs that were started."""

    libraries: tuple[str, ...]
    programs: tuple[str, ...]


def trace(engine: Engine, image: str, probes: Iterable[Probe]) -> Used:
    """Run the probes once more, with a loader that tells what it does."""
    said = "".join(_said(engine, image, one) for one in probes if one.how is not How.HEALTH)
    return Used(tuple(sorted(set(_LOADED.findall(said)))), tuple(sorted(set(_PROGRAM.findall(said)))))


def _said(engine: Engine, image: str, one: Probe) -> str:
    name = f"rebaser-trace-{uuid4().hex[:12]}"
    command = (engine.client, "run", f"--name={name}", "--network=none", "--env=LD_DEBUG=libs", *started(image, one))
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return ""
    finally:
        subprocess.run((engine.client, "rm", "--force", "--volumes", name), capture_output=True, check=False)
    return done.stderr.decode(errors="replace")
