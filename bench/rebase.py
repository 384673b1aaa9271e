"""Times whole processes and prints ratios of one run. See README.md beside this file."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.builders import AnImage, a_layer, an_image
from tests.fakes.registry import FakeRegistry
from tests.fakes.served import serve

ROUNDS = 7
LATENCIES = (0.0, 0.02, 0.05)  # seconds that a request waits


@dataclass(frozen=True, slots=True)
class Scene:
    """A registry that holds an application and its bases; every rebase goes to a tag and repository of its own."""

    fake: FakeRegistry
    host: str


def main() -> None:
    """Run all rounds, print the table, and write results.json."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        scenes = {latency: _scene(stack, latency) for latency in LATENCIES}
        commands = {"python -c pass": [sys.executable, "-c", "pass"], "rebaser --version": _rebaser("--version")}
        times: dict[str, list[float]] = {}
        traffic: dict[str, Mapping[str, object]] = {}
        for number in range(ROUNDS):
            for name, command in commands.items():
                times.setdefault(name, []).append(_timed(command))
            for latency, scene in scenes.items():
                name = f"rebase 5+3 layers, {latency * 1000:.0f} ms"
                times.setdefault(name, []).append(_timed(_job(scene, number, directory)))
                report = json.loads((Path(directory) / "report.json").read_text())
                traffic[name] = report["images"][0]["traffic"]
    _tell(times, traffic)


def _scene(stack: ExitStack, latency: float) -> Scene:
    fake = FakeRegistry()
    host = stack.enter_context(serve(fake, latency))
    old, new = ([a_layer({f"base/{release}": f"{n}"}) for n in range(5)] for release in ("old", "new"))
    _push(fake, "base", "old", an_image(old, env=["V=1"]))
    _push(fake, "base", "new", an_image(new, env=["V=2"]))
    own = [a_layer({"own": f"{n}"}) for n in range(3)]
    _push(fake, "app", "1", an_image([*old, *own], env=["V=1"]))
    return Scene(fake, host)


def _push(fake: FakeRegistry, repository: str, tag: str, image: AnImage) -> None:
    for content in image.blobs.values():
        fake.put_blob(repository, content)
    fake.put_manifest(repository, tag, image.content, image.media_type)


def _job(scene: Scene, number: int, directory: str) -> list[str]:
    base = f"{scene.host}/base"
    bases = ("--old-base", f"{base}:old", "--new-base", f"{base}:new")
    result = ("--tags", f"{scene.host}/result-{number}:1", "--report-dir", directory)
    return _rebaser("rebase", f"{scene.host}/app:1", *bases, *result)


def _rebaser(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "rebaser", *arguments]


def _timed(command: list[str]) -> float:
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def _rows(times: Mapping[str, list[float]]) -> Iterator[tuple[str, float, float]]:
    basis = times["python -c pass"]
    for name, found in times.items():
        ratios = [one / other for one, other in zip(found, basis, strict=True)]
        yield name, min(found), statistics.median(ratios)


def _tell(times: Mapping[str, list[float]], traffic: Mapping[str, Mapping[str, object]]) -> None:
    results = []
    say: Callable[[str], None] = print
    say(f"{'what':34} {'min s':>8} {'x python':>9}  requests  bytes down/up")
    for name, least, ratio in _rows(times):
        told = traffic.get(name, {})
        moved = f"{told.get('requests', ''):>8}  {told.get('bytesDown', '')}/{told.get('bytesUp', '')}" if told else ""
        say(f"{name:34} {least:8.3f} {ratio:9.2f}  {moved}")
        results.append({"what": name, "minSeconds": round(least, 4), "timesPython": round(ratio, 2), "traffic": told})
    path = Path(__file__).parent / "results.json"
    path.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
