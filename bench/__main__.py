"""`python -m bench`: all runs, the table, and results.json."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.figures import Figures, figures
from bench.places import Shelf, Way, registry, ways
from bench.table import lines
from bench.tools import CHECKOUT, Tool, ours, peers, surroundings

LATENCIES = (0.0, 0.02, 0.05, 0.1)  # seconds
INDEX_AT = 0.05  # seconds
WORK = CHECKOUT / ".work" / "bench"


@dataclass(frozen=True, slots=True)
class Timed:
    """One run of a process: seconds of wall time and of processor time."""

    wall: float
    cpu: float


def main() -> None:
    """Run everything in turn, several times, and tell it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    WORK.mkdir(parents=True, exist_ok=True)
    found, missing = peers(WORK)
    tools = {"rebaser": ours(WORK), **found}
    with (
        tempfile.TemporaryDirectory() as name,
        registry(Path(name)) as (kind, backend),
        ways(backend, LATENCIES, Path(name)) as open_ways,
    ):
        (WORK / "home").mkdir(exist_ok=True)
        (WORK / "certificate.pem").write_text((Path(name) / "certificate.pem").read_text())
        results = _measured(tools, open_ways, Shelf(backend), rounds)
    results |= {"registry": kind, "missing": missing, "machine": _machine(), "rounds": rounds}
    for line in lines(results):
        sys.stdout.write(line + "\n")
    path = CHECKOUT / "bench" / "results.json"
    path.write_text(json.dumps(results, indent=2) + "\n")


@dataclass(slots=True)
class Notes:
    """What was measured: seconds and figures by case and tool, processor seconds by what was run."""

    seconds: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    traffic: dict[str, dict[str, object]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)

    def note(self, case: str, name: str, timed: Timed, told: Figures) -> None:
        """Add a run; of the figures the last is kept."""
        self.seconds.setdefault(case, {}).setdefault(name, []).append(timed.wall)
        self.traffic.setdefault(case, {})[name] = asdict(told)
        self.processor.setdefault(f"{name} rebase", []).append(timed.cpu)


def _measured(
    tools: Mapping[str, Tool], open_ways: Mapping[float, Way], shelf: Shelf, rounds: int
) -> dict[str, object]:
    """Return all notes; a first round, which warms caches up, is not in them."""
    shelf.fill()
    _round(tools, open_ways, shelf, 0, Notes())
    notes = Notes()
    for number in range(1, rounds + 1):
        _round(tools, open_ways, shelf, number, notes)
    return asdict(notes)


def _round(tools: Mapping[str, Tool], open_ways: Mapping[float, Way], shelf: Shelf, number: int, notes: Notes) -> None:
    _start_up(tools, notes)
    for rtt, way in open_ways.items():
        for name, tool in tools.items():
            repository = f"app-{name}-{number}-{rtt * 1000:.0f}"
            shelf.application(repository)
            notes.note(f"{rtt * 1000:.0f} ms", name, *_run(tool, way, repository))
    repository = f"index-{number}"
    shelf.applications(repository)
    notes.note("8 platforms", "rebaser", *_run(tools["rebaser"], open_ways[INDEX_AT], repository))


def _run(tool: Tool, way: Way, repository: str) -> tuple[Timed, Figures]:
    since = way.log.stat().st_size
    timed = _timed(tool.rebase(way.address, repository))
    return timed, figures(way.rows(since), way.rtt)


def _start_up(tools: Mapping[str, Tool], notes: Notes) -> None:
    commands = {f"{name} version": tool.version for name, tool in tools.items()}
    commands["python -c pass"] = [tools["rebaser"].version[0], "-c", "pass"]
    for name, command in commands.items():
        notes.processor.setdefault(name, []).append(min(_timed(command).cpu for _ in range(3)))


def _timed(command: Sequence[str]) -> Timed:
    before, start = _children(), time.perf_counter()
    done = subprocess.run(command, env=surroundings(WORK), cwd=WORK, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return Timed(wall, _children() - before)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _machine() -> dict[str, object]:
    load = [round(value, 2) for value in os.getloadavg()]
    return {"processors": os.cpu_count(), "python": sys.version.split()[0], "load": load}


if __name__ == "__main__":
    main()
