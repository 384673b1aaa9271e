"""`python -m bench.layers`: what reading a layer costs, beside plain decompression in the same round.

The layer is a Debian tree that `python -m tests.images` makes. Ratios are of processor seconds.
"""

import argparse
import hashlib
import io
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.places import registry
from bench.tools import CHECKOUT, peers

WORK = CHECKOUT / ".work" / "bench"
LARGE = 1_500_000_000  # bytes of the large layer's tar
_ACCEPTED = 201


@dataclass(frozen=True, slots=True)
class Layer:
    """A tar, and it compressed in two ways."""

    tar: Path
    gzip: Path
    zstd: Path | None
    diff_id: str


def main() -> None:
    """Measure in turn, several times, and tell the medians of the ratios of one round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    WORK.mkdir(parents=True, exist_ok=True)
    trees = sorted(
        (CHECKOUT / ".work" / "images").glob("bookworm-[0-9a-f]*.tar"), key=lambda path: path.stat().st_mtime
    )
    if not trees:
        sys.exit("no tree to measure with: run python -m tests.images first")
    layer = _compressed(trees[-1])
    with tempfile.TemporaryDirectory() as name, registry(Path(name)) as (kind, host):
        digest = _pushed(layer.gzip, host)
        commands = _commands(layer, host, digest)
        seconds: dict[str, list[float]] = {title: [] for title in commands}
        for _ in range(rounds):
            for title, command in commands.items():
                seconds[title].append(_processor_seconds(command))
    peak, size, entries = _once(layer.diff_id, str(layer.gzip))
    large = _large(layer)
    sizes = f"{layer.tar.stat().st_size / 1e6:.0f} MB, {layer.gzip.stat().st_size / 1e6:.1f} MB as gzip -6"
    told = [
        f"{sizes}, {entries} entries, {rounds} rounds, registry: {kind}",
        *_ratio("index a gzip file / gzip -dc", seconds, ("ours, gzip", "start"), "gzip -dc", 0.60),
        *_ratio("index a zstd file / zstd -dc", seconds, ("ours, zstd", "start"), "zstd -dc", 2.3),
        *_ratio(
            "index off the registry / crane blob | gzip -dc | tar t",
            seconds,
            ("ours, registry", "start"),
            "crane",
            0.60,
        ),
        _row("stored index / compressed layer, %", 100 * size / layer.gzip.stat().st_size, 0.15),
        _row("peak memory, this layer, MB", peak, 100),
        _row("peak memory, a layer of 1.5 GB, MB", large, 100),
    ]
    sys.stdout.write("\n".join(told) + "\n")


def _commands(layer: Layer, host: str, digest: str) -> dict[str, Sequence[str]]:
    once = (sys.executable, "-m", "bench.index_once", layer.diff_id)
    found: dict[str, Sequence[str]] = {
        "start": (sys.executable, "-m", "bench.index_once", _digest(_empty()), str(_empty())),
        "gzip -dc": ("sh", "-c", 'gzip -dc "$0" > /dev/null', str(layer.gzip)),
        "ours, gzip": (*once, str(layer.gzip)),
        "ours, registry": (*once, f"{host}/bench/layer", digest, str(layer.gzip.stat().st_size)),
    }
    if layer.zstd is not None:
        found["zstd -dc"] = ("sh", "-c", 'zstd -dcq "$0" > /dev/null', str(layer.zstd))
        found["ours, zstd"] = (*once, str(layer.zstd))
    crane = WORK / "bin" / "crane"
    if not crane.exists():
        peers(WORK)
    if crane.exists():
        line = f'"{crane}" blob --insecure "$0" | gzip -dc | tar t > /dev/null'
        found["crane"] = ("sh", "-c", line, f"{host}/bench/layer@{digest}")
    return found


def _ratio(measure: str, seconds: dict[str, list[float]], ours: tuple[str, str], theirs: str, bar: float) -> list[str]:
    """The ratio of whole processes, and that of reading alone: a rebase has started anyway when it reads a layer."""
    if theirs not in seconds:
        return [f"{measure:66}       –          not measured: a tool is missing"]  # noqa: RUF001
    rounds = list(zip(seconds[ours[0]], seconds[ours[1]], seconds[theirs], strict=True))
    whole = statistics.median(mine / other for mine, _, other in rounds)
    alone = statistics.median((mine - start) / other for mine, start, other in rounds)
    return [_row(measure, whole, bar), _row("  without our start-up", alone, bar)]


def _row(measure: str, value: float, bar: float) -> str:
    return f"{measure:66} {value:7.2f} {bar:>6}  {'reached' if value <= bar else 'MISSED'}"


def _processor_seconds(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=CHECKOUT, env=_environment(), stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _environment() -> dict[str, str]:
    """Our code compiled, as when installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(WORK / "compiled")}


def _once(diff_id: str, place: str) -> tuple[int, int, int]:
    command = (sys.executable, "-m", "bench.index_once", diff_id, place)
    done = subprocess.run(command, check=True, cwd=CHECKOUT, capture_output=True, text=True)
    peak, size, entries = map(int, done.stdout.split())
    return peak, size, entries


def _compressed(tar: Path) -> Layer:
    gzipped, packed = WORK / f"{tar.stem}.tar.gz", WORK / f"{tar.stem}.tar.zst"
    if not gzipped.exists():
        _to_file(("gzip", "-6nc", str(tar)), gzipped)
    if not packed.exists() and shutil.which("zstd"):
        _to_file(("zstd", "-3qc", str(tar)), packed)
    return Layer(tar, gzipped, packed if packed.exists() else None, _digest(tar))


def _empty() -> Path:
    """A layer with nothing in it."""
    path = WORK / "empty.tar"
    path.write_bytes(bytes(1024))
    return path


def _large(layer: Layer) -> int:
    """Index a layer of 1.5 GB, the tree many times over, and return the peak memory in MB."""
    path = WORK / "large.tar"
    if not path.exists():
        part = path.with_suffix(".part")
        with tarfile.open(part, "w") as out:
            number = 0
            while part.stat().st_size < LARGE:
                with tarfile.open(layer.tar) as source:
                    _copy(source, out, f"copy-{number}")
                number += 1
        part.rename(path)
    return _once(_digest(path), str(path))[0]


def _copy(source: tarfile.TarFile, out: tarfile.TarFile, below: str) -> None:
    for member in source:
        if member.isreg():
            file = source.extractfile(member)
            member.name = f"{below}/{member.name}"
            out.addfile(member, io.BytesIO(file.read() if file else b""))


def _pushed(path: Path, host: str) -> str:
    digest = _digest(path)
    with httpx.Client(base_url=f"http://{host}", timeout=60) as client:
        place = client.post("/v2/bench/layer/blobs/uploads/").headers["location"]
        mark = "&" if "?" in place else "?"
        with path.open("rb") as file:
            length = {"Content-Length": str(os.fstat(file.fileno()).st_size)}
            answer = client.put(f"{place}{mark}digest={digest}", content=file, headers=length)
    if answer.status_code != _ACCEPTED:
        sys.exit(f"the registry did not take the layer: {answer.status_code} {answer.text}")
    return digest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _to_file(command: Sequence[str], path: Path) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        subprocess.run(command, check=True, stdout=file)
    part.rename(path)


if __name__ == "__main__":
    main()
